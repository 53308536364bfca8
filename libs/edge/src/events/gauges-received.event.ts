import { IsInt, IsNumber, Max, Min } from 'class-validator';
import { DomainEvent, IsId, IsListOf, IsNullable, IsText, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import { DayUse, DayUseV1 } from './day-use.js';
import { GatewayChannel } from './gateway-channel.js';
import type { SessionId } from './session-id.js';

/** What moves at one gateway beside an agent, as an agent of before told it. */
export class GatewayGaugesV1 {
  /** Its name within the agent. */
  @IsText(128) readonly name: string;

  /** From the agent to the gateway and back. */
  @IsNullable() @IsNumber() @Min(0) readonly latency_ms: number | null;

  @IsNullable() @IsInt() @Min(0) readonly sessions: number | null;

  /** Goes with the state that facts say it is in. */
  @IsText(512) readonly sentence: string;
}

/** What moves at one gateway beside an agent, as the agent sees it. */
export class GatewayGauges extends GatewayGaugesV1 {
  @IsListOf(GatewayChannel, 32) readonly channels: readonly GatewayChannel[];
}

/** What moved at an agent, apart from its gateways. */
class AgentGauges {
  @IsId() readonly agent_id: AgentId;

  @IsId() readonly session_id: SessionId;

  @IsNullable() @IsNumber() @Min(0) @Max(1) readonly cpu_ratio: number | null;

  @IsNullable() @IsNumber() @Min(0) @Max(1) readonly mem_ratio: number | null;

  @IsNullable() @IsNumber() @Min(0) @Max(1) readonly disk_ratio: number | null;

  /** What waits at the agent to be sent. */
  @IsInt() @Min(0) readonly outbox_depth: number;
}

/** As releases of before wrote it, whose gateways were not told apart by agent. */
class AgentGaugesV1 extends AgentGauges {
  @IsListOf(DayUseV1, 1) readonly costs: readonly DayUseV1[];
}

/** As releases of before wrote it, whose agents told no channels. */
export class GaugesReceivedV1 extends AgentGaugesV1 {
  static readonly example: GaugesReceivedV1 = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    gateways: [{ name: 'main', latency_ms: 6.8, sessions: 4, sentence: 'Ready.' }],
    cpu_ratio: 0.18,
    mem_ratio: 0.41,
    disk_ratio: 0.61,
    outbox_depth: 1,
    costs: [
      {
        day: '2026-02-01',
        usd: 2.07,
        tokens: 131_900,
        by_model: [{ model: 'anthropic/claude-sonnet', usd: 2.07, tokens: 131_900 }],
        missing_cost_entries: 0,
        fresh: true,
      },
    ],
  };
  static readonly toNext = ({ gateways, ...gauges }: GaugesReceivedV1): GaugesReceivedV2 => ({
    ...gauges,
    gateways: gateways.map((gateway) => ({ ...gateway, channels: [] })),
  });

  @IsListOf(GatewayGaugesV1, 32) readonly gateways: readonly GatewayGaugesV1[];
}

/** As releases of before wrote it, whose costs were not told apart by the agents of a gateway. */
export class GaugesReceivedV2 extends AgentGaugesV1 {
  static readonly example: GaugesReceivedV2 = {
    ...GaugesReceivedV1.example,
    gateways: [
      {
        name: 'main',
        latency_ms: 6.8,
        sessions: 4,
        sentence: 'Ready.',
        channels: [{ name: 'telegram', connected: true, lifecycle: 'ready', error: null, down_since: null }],
      },
    ],
  };
  static readonly toNext = ({ costs, ...gauges }: GaugesReceivedV2): GaugesReceived => ({
    ...gauges,
    costs: costs.map((cost) => ({ ...cost, by_agent: [] })),
  });

  @IsListOf(GatewayGauges, 32) readonly gateways: readonly GatewayGauges[];
}

/**
 * Numbers moved at an agent, as they do all the time. Telemetry: once a minute at most, and with the first report of a tunnel; gone when
 * the bounded stream is full; a roll-up keeps the last.
 *
 * Not this    that something happened: `edge.agent.synced`, and `edge.cost.recorded` for what a day cost in the end. Nor that the agent
 *             reported: what did not move is not said again.
 */
@DomainEvent
export class GaugesReceived extends AgentGauges {
  static readonly kind = 'telemetry';
  static readonly type = 'edge.gauges.received';
  static readonly version = 3;
  static readonly past = { 1: GaugesReceivedV1, 2: GaugesReceivedV2 };
  static readonly example: GaugesReceived = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    gateways: [
      {
        name: 'main',
        latency_ms: 6.8,
        sessions: 4,
        sentence: 'Ready.',
        channels: [{ name: 'telegram', connected: true, lifecycle: 'ready', error: null, down_since: null }],
      },
    ],
    cpu_ratio: 0.18,
    mem_ratio: 0.41,
    disk_ratio: 0.61,
    outbox_depth: 1,
    costs: [
      {
        day: '2026-02-01',
        usd: 2.07,
        tokens: 131_900,
        by_model: [{ model: 'anthropic/claude-sonnet', usd: 2.07, tokens: 131_900 }],
        by_agent: [{ gateway: 'main', agent: 'clerk', usd: 2.07, tokens: 131_900 }],
        missing_cost_entries: 0,
        fresh: true,
      },
    ],
  };
  static readonly streamId = (data: GaugesReceived): AgentId => data.agent_id;

  /** Of the last day it spoke of, until now; empty: it has not spoken of any since this side started. */
  @IsListOf(DayUse, 1) readonly costs: readonly DayUse[];

  /** All there are. */
  @IsListOf(GatewayGauges, 32) readonly gateways: readonly GatewayGauges[];
}
