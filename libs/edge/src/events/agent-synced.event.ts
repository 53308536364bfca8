import { IsIn, IsInt, IsNumber, Max, Min } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsListOf, IsNullable, IsText, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import { GatewayChannel } from './gateway-channel.js';
import {
  CAPABILITIES,
  type Capability,
  GATEWAY_REASONS,
  GATEWAY_STATES,
  type GatewayReason,
  type GatewayState,
  TIER_LIMIT_CODES,
  type TierLimit,
} from './gateway-state.js';
import type { SessionId } from './session-id.js';

/** One gateway beside an agent, as an agent of before told it. */
export class GatewaySnapshotV1 {
  /** Unique within its agent. */
  @IsText(128) readonly name: string;

  /** How deep the agent can look into it with what it was given. */
  @IsIn(CAPABILITIES) readonly capability: Capability;

  @IsIn(GATEWAY_STATES) readonly state: GatewayState;

  @IsNullable() @IsText(64) readonly version: string | null;

  /** When its process started, by our clock; null: it does not say. */
  @IsNullable() @IsInstant() readonly started_at: Instant | null;

  /** From the agent to the gateway and back. */
  @IsNullable() @IsNumber() @Min(0) readonly latency_ms: number | null;

  @IsNullable() @IsInt() @Min(0) readonly sessions: number | null;

  @IsNullable() @IsIn(GATEWAY_REASONS) readonly reason: GatewayReason | null;

  @IsText(512) readonly sentence: string;
}

/** One gateway beside an agent, as the agent sees it. */
export class GatewaySnapshot extends GatewaySnapshotV1 {
  /** Why `capability` is not more; null: it is all there is, or the agent does not say. */
  @IsNullable() @IsIn(TIER_LIMIT_CODES) readonly tier_limit: TierLimit | null;

  /** Those that are set up, as far as the agent can see. */
  @IsListOf(GatewayChannel, 32) readonly channels: readonly GatewayChannel[];
}

/** What an agent reported, apart from its gateways. */
class AgentReport {
  @IsId() readonly agent_id: AgentId;

  @IsId() readonly session_id: SessionId;

  /** Of the report, in the agent's own count. */
  @IsInt() @Min(1) readonly seq: number;

  /** The version it was asked to be, once it acts by it; null: it was asked for none. */
  @IsNullable() @IsText(64) readonly desired_version: string | null;

  @IsNullable() @IsNumber() @Min(0) @Max(1) readonly cpu_ratio: number | null;

  @IsNullable() @IsNumber() @Min(0) @Max(1) readonly mem_ratio: number | null;

  @IsNullable() @IsNumber() @Min(0) @Max(1) readonly disk_ratio: number | null;

  /** What waits at the agent to be sent. */
  @IsInt() @Min(0) readonly outbox_depth: number;

  @IsInt() @Min(0) readonly outbox_capacity: number;

  /** What the agent gave up, since it started. */
  @IsInt() @Min(0) readonly outbox_dropped: number;
}

/** As releases of before wrote it, whose agents told neither channels nor what limits the tier. */
export class AgentSyncedV1 extends AgentReport {
  static readonly example: AgentSyncedV1 = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    seq: 17,
    desired_version: null,
    gateways: [
      {
        name: 'main',
        capability: 'probe',
        state: 'ready',
        version: '2026.9.6',
        started_at: '2026-02-01T09:14:02.120Z',
        latency_ms: 4.2,
        sessions: 3,
        reason: null,
        sentence: 'Ready.',
      },
    ],
    cpu_ratio: 0.12,
    mem_ratio: 0.4,
    disk_ratio: 0.61,
    outbox_depth: 0,
    outbox_capacity: 256,
    outbox_dropped: 0,
  };
  static readonly toNext = ({ gateways, ...report }: AgentSyncedV1): AgentSynced => ({
    ...report,
    gateways: gateways.map((gateway) => ({ ...gateway, tier_limit: null, channels: [] })),
  });

  @IsListOf(GatewaySnapshotV1, 32) readonly gateways: readonly GatewaySnapshotV1[];
}

/**
 * Something happened at an agent: another gateway, another state, version, reason, start, channel or tier. Its numbers are told along, as they were then.
 *
 * Not this    that it reported. It does so every minute, and what stayed the same is no fact: see `edge.heartbeat.received`. Nor that
 *             numbers moved, which they always do: `edge.gauges.received`.
 */
@DomainEvent
export class AgentSynced extends AgentReport {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.synced';
  static readonly version = 2;
  static readonly past = { 1: AgentSyncedV1 };
  static readonly example: AgentSynced = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    seq: 17,
    desired_version: null,
    gateways: [
      {
        name: 'main',
        capability: 'probe',
        state: 'ready',
        version: '2026.9.6',
        started_at: '2026-02-01T09:14:02.120Z',
        latency_ms: 4.2,
        sessions: 3,
        reason: null,
        sentence: 'Ready.',
        tier_limit: 'scopes_withheld',
        channels: [
          { name: 'telegram', connected: false, lifecycle: 'recovering', error: 'timeout', down_since: '2026-02-01T11:59:30.000Z' },
        ],
      },
    ],
    cpu_ratio: 0.12,
    mem_ratio: 0.4,
    disk_ratio: 0.61,
    outbox_depth: 0,
    outbox_capacity: 256,
    outbox_dropped: 0,
  };
  static readonly streamId = (data: AgentSynced): AgentId => data.agent_id;

  /** All there are. */
  @IsListOf(GatewaySnapshot, 32) readonly gateways: readonly GatewaySnapshot[];
}
