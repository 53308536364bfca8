import { DomainEvent, IsId, asId } from '@app/kernel';
import type { TokenId } from './token-id.js';

/**
 * An admin revoked a service token: it opens nothing any more.
 *
 * Invariant   at most once for one token, which is never issued again.
 */
@DomainEvent
export class TokenRevoked {
  static readonly kind = 'fact';
  static readonly type = 'access.token.revoked';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: TokenRevoked = { token_id: asId('7c9e6679-7425-5de5-944b-e07fc1f90ae7') };
  static readonly streamId = (data: TokenRevoked): TokenId => data.token_id;

  @IsId() readonly token_id: TokenId;
}
