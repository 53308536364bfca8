import { IsIn } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsName, IsNullable, asId } from '@app/kernel';
import { ROLES } from './role.js';
import type { TokenId } from './token-id.js';

/**
 * An admin issued a service token. The event's actor is who.
 *
 * Not this    the token itself, or its hash: neither is in any event. Whoever holds all events still cannot sign in.
 */
@DomainEvent
export class TokenIssued {
  static readonly kind = 'fact';
  static readonly type = 'access.token.issued';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: TokenIssued = {
    token_id: asId('7c9e6679-7425-5de5-944b-e07fc1f90ae7'),
    name: 'nightly backup',
    role: 'viewer',
    expires_at: '2026-05-02T12:00:00.000Z',
  };
  static readonly streamId = (data: TokenIssued): TokenId => data.token_id;

  @IsId() readonly token_id: TokenId;

  /** What it is for, in the admin's own words. At most 100 characters. */
  @IsName(100) readonly name: string;

  @IsIn(ROLES) readonly role: (typeof ROLES)[number];

  /** From here on it opens nothing; null: it does until it is revoked. */
  @IsNullable() @IsInstant() readonly expires_at: Instant | null;
}
