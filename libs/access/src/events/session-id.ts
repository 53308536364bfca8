import type { Id } from '@app/kernel';

/** Names one login of an operator. Public: it opens nothing. */
export type SessionId = Id<'SessionId'>;
