import { DomainEvent, IsId, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import { DayUse, DayUseV1 } from './day-use.js';

/** As releases of before wrote it. */
export class CostRecordedV1 extends DayUseV1 {
  static readonly example: CostRecordedV1 = {
    agent_id: asId('agent-7c9e66797425de94'),
    day: '2026-02-01',
    usd: 1.84,
    tokens: 120_400,
    by_model: [{ model: 'anthropic/claude-sonnet', usd: 1.84, tokens: 120_400 }],
    missing_cost_entries: 0,
    fresh: true,
  };
  static readonly toNext = (cost: CostRecordedV1): CostRecorded => ({ ...cost, by_agent: [] });

  @IsId() readonly agent_id: AgentId;
}

/**
 * What the gateways of one agent cost on one UTC day: the account of that day. Written when the day is over; while it lasts every six
 * hours at most, so that little is lost with whoever counted. The last of a day is what it cost, and two of one day are never added.
 *
 * Not this    what the day cost this minute: `edge.gauges.received`.
 */
@DomainEvent
export class CostRecorded extends DayUse {
  static readonly kind = 'fact';
  static readonly type = 'edge.cost.recorded';
  static readonly version = 2;
  static readonly past = { 1: CostRecordedV1 };
  static readonly example: CostRecorded = {
    agent_id: asId('agent-7c9e66797425de94'),
    day: '2026-02-01',
    usd: 1.84,
    tokens: 120_400,
    by_model: [{ model: 'anthropic/claude-sonnet', usd: 1.84, tokens: 120_400 }],
    by_agent: [
      { gateway: 'main', agent: 'clerk', usd: 1.2, tokens: 80_100 },
      { gateway: 'main', agent: 'main', usd: 0.64, tokens: 40_300 },
    ],
    missing_cost_entries: 0,
    fresh: true,
  };
  static readonly streamId = (data: CostRecorded): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;
}
