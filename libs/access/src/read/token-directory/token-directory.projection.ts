import { existing, projectionOf } from '@app/kernel';
import { TokenHeld, TokenIssued, TokenReleased, TokenRevoked, TokenRotated } from '../../events/index.js';
import { TokenRow } from './token-directory.view.js';

/** Every service token there ever was: a revoked one stays, since events name it as their actor. */
export const tokenDirectory = projectionOf(TokenRow)({
  table: 'token_directory',
  version: 3,
  id: 'token_id',
  reads: [TokenHeld, TokenIssued, TokenReleased, TokenRevoked, TokenRotated],
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
      caller_id: data.caller_id,
      bindings: data.bindings,
      next_token_id: null,
      ends_at: null,
    }),
    'access.token.held': (before, event) => ({ ...existing(before, event), held_at: event.at }),
    'access.token.released': (before, event) => ({ ...existing(before, event), held_at: null }),
    'access.token.revoked': (before, event) => ({ ...existing(before, event), revoked_at: event.at }),
    'access.token.rotated': (before, event) => ({
      ...existing(before, event),
      next_token_id: event.data.next_token_id,
      ends_at: event.data.ends_at ?? event.at,
    }),
  },
});
