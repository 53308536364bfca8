import { IsInt, Min } from 'class-validator';
import { DomainEvent, IsId, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import type { SessionId } from './session-id.js';

/**
 * A newer tunnel of the same agent took the place of this one, which still stood.
 *
 * Invariant   stored together with the `edge.tunnel.connected` of the newer.
 */
@DomainEvent
export class TunnelSuperseded {
  static readonly kind = 'fact';
  static readonly type = 'edge.tunnel.superseded';
  static readonly version = 1;
  static readonly past = {};
  static readonly reserve = true;
  static readonly example: TunnelSuperseded = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    epoch: 4,
    by_session_id: asId('0197a7a2-6b7e-7c9e-8425-40de944be080'),
    connected_ms: 86_214,
  };
  static readonly streamId = (data: TunnelSuperseded): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsId() readonly session_id: SessionId;

  @IsInt() @Min(1) readonly epoch: number;

  /** The newer one. */
  @IsId() readonly by_session_id: SessionId;

  /** How long it stood. */
  @IsInt() @Min(0) readonly connected_ms: number;
}
