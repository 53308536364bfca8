import type { Id } from '@app/kernel';

/** Names who makes A2A calls, over all tokens that take each other's place. It is the id of the first of them. Public: it opens nothing. */
export type CallerId = Id<'CallerId'>;
