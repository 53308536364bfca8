import type { Id } from '@app/kernel';

/** Names a join token. Not the token itself, which is in no event. */
export type JoinTokenId = Id<'JoinTokenId'>;
