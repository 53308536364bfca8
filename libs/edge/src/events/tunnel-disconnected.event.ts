import { IsIn, IsInt, Min } from 'class-validator';
import { DomainEvent, IsId, IsNullable, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import type { SessionId } from './session-id.js';

/**
 * goodbye             the agent stopped, and did not say that it comes back
 * restarting          the agent stopped, and said when it comes back
 * connection_lost     the connection ended without a word
 * closed_by_agent     the agent closed it without a goodbye
 * read_deadline       nothing was heard for too long
 * revoked             the agent was
 * duplicate_identity  two agents had one identity
 * malformed, too_big  it sent what is not understood, or too much at once
 * too_many            it sent faster, or read more slowly, than this side bears
 * server_drain        this side stopped in order
 * server_lost         this side died, and nobody saw the end
 */
export const DISCONNECT_REASONS = [
  'goodbye',
  'restarting',
  'connection_lost',
  'closed_by_agent',
  'read_deadline',
  'revoked',
  'duplicate_identity',
  'malformed',
  'too_big',
  'too_many',
  'server_drain',
  'server_lost',
] as const;
export type DisconnectReason = (typeof DISCONNECT_REASONS)[number];

/**
 * A tunnel ended.
 *
 * Not this    that another took its place: `edge.tunnel.superseded`.
 */
@DomainEvent
export class TunnelDisconnected {
  static readonly kind = 'fact';
  static readonly type = 'edge.tunnel.disconnected';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: TunnelDisconnected = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    epoch: 4,
    reason: 'read_deadline',
    close_code: 4408,
    connected_ms: 86_214,
  };
  static readonly streamId = (data: TunnelDisconnected): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsId() readonly session_id: SessionId;

  @IsInt() @Min(1) readonly epoch: number;

  @IsIn(DISCONNECT_REASONS) readonly reason: DisconnectReason;

  /** Of the WebSocket; null: it ended without one. */
  @IsNullable() @IsInt() @Min(1000) readonly close_code: number | null;

  /** How long it stood; null: nobody saw its end. */
  @IsNullable() @IsInt() @Min(0) readonly connected_ms: number | null;
}
