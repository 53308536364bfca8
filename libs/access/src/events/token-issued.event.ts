import { IsIn } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsListOf, IsName, IsNullable, asId } from '@app/kernel';
import { CallBinding, MAX_BINDINGS, bindingsOfRole } from './call-binding.js';
import type { CallerId } from './caller-id.js';
import { ROLES, TOKEN_ROLES } from './role.js';
import type { TokenId } from './token-id.js';

/** Version 1: a token is a caller of its own, and its role says what it may call. */
class TokenIssuedV1 {
  static readonly example: TokenIssuedV1 = {
    token_id: asId('7c9e6679-7425-5de5-944b-e07fc1f90ae7'),
    name: 'nightly backup',
    role: 'viewer',
    expires_at: '2026-05-02T12:00:00.000Z',
  };
  static readonly toNext = (token: TokenIssuedV1): TokenIssued => ({
    ...token,
    caller_id: asId<CallerId>(token.token_id),
    bindings: bindingsOfRole(token.role),
  });

  @IsId() readonly token_id: TokenId;

  @IsName(100) readonly name: string;

  @IsIn(ROLES) readonly role: (typeof ROLES)[number];

  @IsNullable() @IsInstant() readonly expires_at: Instant | null;
}

/**
 * An admin issued a service token. The event's actor is who.
 *
 * Not this    the token itself, or its hash: neither is in any event. Whoever holds all events still cannot sign in.
 */
@DomainEvent
export class TokenIssued {
  static readonly kind = 'fact';
  static readonly type = 'access.token.issued';
  static readonly version = 2;
  static readonly past = { 1: TokenIssuedV1 };
  static readonly example: TokenIssued = {
    token_id: asId('7c9e6679-7425-5de5-944b-e07fc1f90ae7'),
    name: 'travel agent',
    role: 'caller',
    expires_at: '2026-05-02T12:00:00.000Z',
    caller_id: asId('0f8fad5b-d9cb-469f-a165-70867728950e'),
    bindings: [{ peer_id: asId('peer-3f2a91bc04de77a1'), agent: 'planner', method_class: null }],
  };
  static readonly streamId = (data: TokenIssued): TokenId => data.token_id;

  @IsId() readonly token_id: TokenId;

  /** What it is for, in the admin's own words. At most 100 characters. */
  @IsName(100) readonly name: string;

  @IsIn(TOKEN_ROLES) readonly role: (typeof TOKEN_ROLES)[number];

  /** From here on it opens nothing; null: it does until it is revoked. */
  @IsNullable() @IsInstant() readonly expires_at: Instant | null;

  /** Names who calls with it. A token that takes the place of another has the same. */
  @IsId() readonly caller_id: CallerId;

  /** The A2A calls that it may make: those that one of them covers. Empty: none. */
  @IsListOf(CallBinding, MAX_BINDINGS) readonly bindings: readonly CallBinding[];
}
