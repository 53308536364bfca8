import { existing, projectionOf } from '@app/kernel';
import { TokenHeld, TokenIssued, TokenReleased, TokenRevoked } from '../../events/index.js';
import { TokenEntry } from './token-directory.view.js';

/** Every service token there ever was: a revoked one stays, since events name it as their actor. */
export const tokenDirectory = projectionOf(TokenEntry)({
  table: 'token_directory',
  version: 2,
  id: 'token_id',
  reads: [TokenHeld, TokenIssued, TokenReleased, TokenRevoked],
  key: (event) => event.data.token_id,
  on: {
    'access.token.issued': (_before, { data, at, actor }) => ({
      token_id: data.token_id,
      name: data.name,
      role: data.role,
      issued_at: at,
      issued_by: actor,
      expires_at: data.expires_at,
      revoked_at: null,
      held_at: null,
    }),
    'access.token.held': (before, event) => ({ ...existing(before, event), held_at: event.at }),
    'access.token.released': (before, event) => ({ ...existing(before, event), held_at: null }),
    'access.token.revoked': (before, event) => ({ ...existing(before, event), revoked_at: event.at }),
  },
});
