import type { Id } from '@app/kernel';

/** Names one tunnel of one agent, from its welcome to its end. */
export type SessionId = Id<'TunnelSession'>;
