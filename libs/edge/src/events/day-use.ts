import { IsBoolean, IsInt, IsNumber, Matches, Min } from 'class-validator';
import { IsListOf, IsNullable, IsText } from '@app/kernel';

/** What one model cost. */
export class ModelUse {
  @IsText(128) readonly model: string;

  @IsNumber() @Min(0) readonly usd: number;

  @IsInt() @Min(0) readonly tokens: number;
}

/** Cost of one of the agents that a gateway runs. */
export class AgentUse {
  /** Name of its gateway; null: of several. */
  @IsNullable() @IsText(128) readonly gateway: string | null;

  @IsText(64) readonly agent: string;

  @IsNumber() @Min(0) readonly usd: number;

  @IsInt() @Min(0) readonly tokens: number;
}

/** Cost of one UTC day as releases of before wrote it, which did not tell the agents of a gateway apart. */
export class DayUseV1 {
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

/** What the gateways of one agent cost on one UTC day, until it was said: the last of a day replaces the others. */
export class DayUse extends DayUseV1 {
  /** Empty: no gateway says. */
  @IsListOf(AgentUse, 64) readonly by_agent: readonly AgentUse[];
}
