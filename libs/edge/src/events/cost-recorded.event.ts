import { IsBoolean, IsInt, IsNumber, IsString, Matches, MaxLength, Min } from 'class-validator';
import { DomainEvent, IsId, IsListOf, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';

/** What one model cost. */
export class ModelUse {
  @IsString() @MaxLength(128) readonly model: string;

  @IsNumber() @Min(0) readonly usd: number;

  @IsInt() @Min(0) readonly tokens: number;
}

/**
 * What the gateways of one agent cost on one UTC day, until now. A gauge: the last of a day is what that day cost, and two of one day
 * are never added.
 */
@DomainEvent
export class CostRecorded {
  static readonly kind = 'fact';
  static readonly type = 'edge.cost.recorded';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: CostRecorded = {
    agent_id: asId('agent-7c9e66797425de94'),
    day: '2026-02-01',
    usd: 1.84,
    tokens: 120_400,
    by_model: [{ model: 'anthropic/claude-sonnet', usd: 1.84, tokens: 120_400 }],
    missing_cost_entries: 0,
    fresh: true,
  };
  static readonly streamId = (data: CostRecorded): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  /** `2026-02-01`, in UTC. */
  @Matches(/^\d{4}-\d\d-\d\d$/) readonly day: string;

  @IsNumber() @Min(0) readonly usd: number;

  @IsInt() @Min(0) readonly tokens: number;

  @IsListOf(ModelUse, 64) readonly by_model: readonly ModelUse[];

  /** Uses whose price is not known, and that `usd` lacks. */
  @IsInt() @Min(0) readonly missing_cost_entries: number;

  /** Whether all gateways said so just then. */
  @IsBoolean() readonly fresh: boolean;
}
