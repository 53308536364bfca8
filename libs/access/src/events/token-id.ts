import type { Id } from '@app/kernel';

/** Names a service token for its whole life. Public: it opens nothing. */
export type TokenId = Id<'TokenId'>;
