import { type Decider, newEvent, refuse } from '@app/kernel';
import { TokenIssued } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import { type Token, token } from '../../token.stream.js';

type No = Refused<'access.token-exists'>;

/** What is asked is what happens: the endpoint has named the token, and knows from its table when it ends. */
export const issueToken: Decider<Token, TokenIssued, typeof TokenIssued, No> = {
  on: ({ token_id }) => token.of(token_id),
  decide: ({ status }, { data }) =>
    status === 'unknown' ? [newEvent(TokenIssued, data)] : refuse('access.token-exists', { token_id: data.token_id }),
};
