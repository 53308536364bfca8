import { IsNumber, IsString } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, Position, rollupOf } from '@app/kernel';
import { HeartbeatReceived } from '../../events/index.js';

/** What was last heard of one agent. */
export class AgentLatest {
  @IsId() agent_id: string;

  @IsInstant() last_heartbeat_at: Instant;

  /** Where it is in the telemetry, for as long as that keeps it. */
  @IsString() heartbeat_position: string;

  @IsNullable() @IsNumber() rtt_ms: number | null;

  @IsNullable() @IsNumber() clock_offset_ms: number | null;

  @IsNullable() @IsInstant() last_sync_at: Instant | null;
}

/** What was measured last stays when an agent falls silent: an old number with its age is worth more than none. */
export const agentLatest = rollupOf(AgentLatest)({
  table: 'agent_latest',
  version: 1,
  id: 'agent_id',
  reads: [HeartbeatReceived],
  key: (event) => event.data.agent_id,
  on: {
    'edge.heartbeat.received': (before, { data, at, position }) => ({
      agent_id: data.agent_id,
      last_heartbeat_at: at,
      heartbeat_position: new Position({ telemetry: position }).format(),
      rtt_ms: data.rtt_ms ?? before?.rtt_ms ?? null,
      clock_offset_ms: data.clock_offset_ms ?? before?.clock_offset_ms ?? null,
      last_sync_at: data.synced ? at : (before?.last_sync_at ?? null),
    }),
  },
});
