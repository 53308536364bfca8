import { DomainEvent, type Instant, IsId, IsInstant, IsNullable, asId } from '@app/kernel';
import type { TokenId } from './token-id.js';

/**
 * An admin had another service token take the place of this one. The same batch issues the other, with the same name, role, caller and bindings.
 *
 * Invariant   at most once for one token: the next rotation is of the token that took its place.
 */
@DomainEvent
export class TokenRotated {
  static readonly kind = 'fact';
  static readonly type = 'access.token.rotated';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: TokenRotated = {
    token_id: asId('7c9e6679-7425-5de5-944b-e07fc1f90ae7'),
    next_token_id: asId('16fd2706-8baf-533b-82eb-8c7fada847da'),
    ends_at: '2026-02-02T12:00:00.000Z',
  };
  static readonly streamId = (data: TokenRotated): TokenId => data.token_id;

  @IsId() readonly token_id: TokenId;

  @IsId() readonly next_token_id: TokenId;

  /** From here on it opens nothing, and no event says so again; null: from this event on. */
  @IsNullable() @IsInstant() readonly ends_at: Instant | null;
}
