import { IsBoolean, IsInt, IsNumber, Min } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsNullable, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import type { SessionId } from './session-id.js';

/**
 * An agent said that it is there. Telemetry: every half minute, gone when the bounded stream is full; a roll-up keeps the last. Of
 * heartbeats that come faster than that some are left out.
 */
@DomainEvent
export class HeartbeatReceived {
  static readonly kind = 'telemetry';
  static readonly type = 'edge.heartbeat.received';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: HeartbeatReceived = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    seq: 12,
    sent_at: '2026-02-01T12:00:00.000Z',
    rtt_ms: 18.4,
    clock_offset_ms: -3.5,
    synced: true,
  };
  static readonly streamId = (data: HeartbeatReceived): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsId() readonly session_id: SessionId;

  /** 1, 2, 3 ... within the session. */
  @IsInt() @Min(1) readonly seq: number;

  /** By the agent's clock. */
  @IsInstant() readonly sent_at: Instant;

  /** Of the last ping of ours; null: none was answered yet. */
  @IsNullable() @IsNumber() @Min(0) readonly rtt_ms: number | null;

  /** The agent's clock minus ours, measured where the round trip was shortest; null: not measured yet. */
  @IsNullable() @IsNumber() readonly clock_offset_ms: number | null;

  /** Whether a report was taken since the heartbeat before. */
  @IsBoolean() readonly synced: boolean;
}
