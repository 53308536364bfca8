import { DomainEvent, IsId, asId } from '@app/kernel';
import type { TokenId } from './token-id.js';

/**
 * The log lost its end and was accepted as it is. What the lost part held of a service token differs from what the log says now, so it opens nothing until
 * an admin releases it.
 */
@DomainEvent
export class TokenHeld {
  static readonly kind = 'fact';
  static readonly type = 'access.token.held';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: TokenHeld = { token_id: asId('7c9e6679-7425-5de5-944b-e07fc1f90ae7') };
  static readonly streamId = (data: TokenHeld): TokenId => data.token_id;

  @IsId() readonly token_id: TokenId;
}
