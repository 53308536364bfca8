import { type Decider, newEvent, refuse } from '@app/kernel';
import { type Token, token } from '../../token.stream.js';
import { TokenReleased } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import type { ReleaseToken } from './release-token.command.js';

export const releaseToken: Decider<Token, ReleaseToken, typeof TokenReleased, Refused<'access.token-unknown'>> = {
  on: ({ token_id }) => token.of(token_id),
  decide: ({ status }, { data: { token_id } }) => {
    if (status === 'unknown' || status === 'revoked') return refuse('access.token-unknown', { token_id });
    return status === 'held' ? [newEvent(TokenReleased, { token_id })] : []; // Asking twice is not an error.
  },
};
