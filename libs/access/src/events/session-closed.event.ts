import { DomainEvent, IsId, asId } from '@app/kernel';
import type { SessionId } from './session-id.js';

/**
 * Somebody signed out: the cookie opens nothing any more.
 *
 * Not this    that a session ran out. Its `access.session.opened` said when it would.
 */
@DomainEvent
export class SessionClosed {
  static readonly kind = 'fact';
  static readonly type = 'access.session.closed';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: SessionClosed = { session_id: asId('b2f7c0de-3a51-4d0a-9c55-6f0f8f1d2a77') };
  static readonly streamId = (data: SessionClosed): SessionId => data.session_id;

  @IsId() readonly session_id: SessionId;
}
