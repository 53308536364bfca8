import { IsNumber, IsObject, IsString } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, Position, rollupOf } from '@app/kernel';
import { type DayUse, GaugesReceived, HeartbeatReceived } from '../../events/index.js';

/** What was last heard of one agent. */
export class AgentLatest {
  @IsId() agent_id: string;

  @IsNullable() @IsInstant() last_heartbeat_at: Instant | null;

  /** Where it is in the telemetry, for as long as that keeps it. */
  @IsNullable() @IsString() heartbeat_position: string | null;

  @IsNullable() @IsNumber() rtt_ms: number | null;

  @IsNullable() @IsNumber() clock_offset_ms: number | null;

  @IsNullable() @IsInstant() last_sync_at: Instant | null;

  @IsNullable() @IsObject() gauges: Omit<GaugesReceived, 'agent_id' | 'costs'> | null;

  @IsNullable() @IsInstant() gauges_at: Instant | null;

  /** Of the last day it spoke of. */
  @IsNullable() @IsObject() last_cost: DayUse | null;

  @IsNullable() @IsInstant() last_cost_at: Instant | null;
}

const unheard = (agentId: string): AgentLatest => ({
  agent_id: agentId,
  last_heartbeat_at: null,
  heartbeat_position: null,
  rtt_ms: null,
  clock_offset_ms: null,
  last_sync_at: null,
  gauges: null,
  gauges_at: null,
  last_cost: null,
  last_cost_at: null,
});

/** What was measured last stays when an agent falls silent: an old number with its age is worth more than none. */
export const agentLatest = rollupOf(AgentLatest)({
  table: 'agent_latest',
  version: 1,
  id: 'agent_id',
  reads: [GaugesReceived, HeartbeatReceived],
  key: (event) => event.data.agent_id,
  on: {
    'edge.gauges.received': (before, { data: { agent_id, costs, ...gauges }, at }) => {
      const row = { ...(before ?? unheard(agent_id)), gauges, gauges_at: at };
      const [cost] = costs;
      return cost === undefined || (row.last_cost !== null && row.last_cost.day > cost.day)
        ? row
        : { ...row, last_cost: cost, last_cost_at: at };
    },
    'edge.heartbeat.received': (before, { data, at, position }) => {
      const row = before ?? unheard(data.agent_id);
      return {
        ...row,
        last_heartbeat_at: at,
        heartbeat_position: new Position({ telemetry: position }).format(),
        rtt_ms: data.rtt_ms ?? row.rtt_ms,
        clock_offset_ms: data.clock_offset_ms ?? row.clock_offset_ms,
        last_sync_at: data.synced ? at : row.last_sync_at,
      };
    },
  },
});
