import { type Decider, newEvent, refuse } from '@app/kernel';
import { TokenRevoked } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import { type Token, token } from '../../token.stream.js';
import type { RevokeToken } from './revoke-token.command.js';

type No = Refused<'access.token-unknown'>;

export const revokeToken: Decider<Token, RevokeToken, typeof TokenRevoked, No> = {
  on: ({ token_id }) => token.of(token_id),
  passesUnreadable: true,
  decide: ({ status }, { data: { token_id } }) => {
    switch (status) {
      case 'unknown':
        return refuse('access.token-unknown', { token_id });
      case 'revoked':
        return []; // Asking twice is not an error.
      case 'held':
      case 'rotated':
      case 'issued': // Or expired: then it opens nothing already, and from here on everybody can see that it was meant to.
        return [newEvent(TokenRevoked, { token_id })];
    }
  },
};
