import { IsIn } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, asId } from '@app/kernel';
import { ROLES } from './role.js';
import type { SessionId } from './session-id.js';

/**
 * Somebody used a one-time login code. What they do from here on has the actor `session:<session_id>`.
 *
 * Not this    the code, the cookie or a hash of either.
 */
@DomainEvent
export class SessionOpened {
  static readonly kind = 'fact';
  static readonly type = 'access.session.opened';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: SessionOpened = {
    session_id: asId('b2f7c0de-3a51-4d0a-9c55-6f0f8f1d2a77'),
    role: 'admin',
    expires_at: '2026-02-02T00:00:00.000Z',
  };
  static readonly streamId = (data: SessionOpened): SessionId => data.session_id;

  @IsId() readonly session_id: SessionId;

  @IsIn(ROLES) readonly role: (typeof ROLES)[number];

  /** When it ends at the latest. No event says so again. */
  @IsInstant() readonly expires_at: Instant;
}
