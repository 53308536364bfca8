import { DomainEvent, IsId, asId } from '@app/kernel';
import type { TokenId } from './token-id.js';

/**
 * An admin released a service token that was held: it opens what it opened before.
 */
@DomainEvent
export class TokenReleased {
  static readonly kind = 'fact';
  static readonly type = 'access.token.released';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: TokenReleased = { token_id: asId('7c9e6679-7425-5de5-944b-e07fc1f90ae7') };
  static readonly streamId = (data: TokenReleased): TokenId => data.token_id;

  @IsId() readonly token_id: TokenId;
}
