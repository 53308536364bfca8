import { Type } from 'class-transformer';
import { ArrayMaxSize, IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsString, MaxLength, Min, ValidateNested } from 'class-validator';
import { type Details, HEALTHS, type Health, type Instant, IsDetails, IsId, IsInstant, IsNullable, IsPosition } from '@app/kernel';
import { GATEWAY_STATES, type GatewayState } from '../../../../edge/src/events/gateway-state.js';
import { ApiProperty } from '@nestjs/swagger';
import { COMPONENT_KINDS, type ComponentKind } from '../../events/component-kind.js';
import { COMPONENT_STATUSES, type ComponentStatus } from '../../events/component-status.js';
import { REASONS, type Reason } from '../../events/reason.js';

const COLOURS = ['green', 'amber', 'red', 'unknown'] as const;
export type Colour = (typeof COLOURS)[number];

/** What a component was like during one minute. */
export class HistoryMinute {
  /** When the minute began. */
  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() minute: Instant;

  /** Probes that found nothing red. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) good: number;

  /** Probes that failed or found something red. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) bad: number;

  /** The worst it was judged to be; `unknown`: it was not looked at, or could not be judged. */
  @ApiProperty({ enum: COLOURS }) @IsIn(COLOURS) worst: Colour;
}

/** One gateway that an edge agent sees. */
export class AgentGateway {
  /** Label of its agent and its name there. */
  @ApiProperty({ example: 'berlin-3/main' }) @IsString() @MaxLength(300) name: string;

  @ApiProperty() @IsId() agent_id: string;

  /** As the agent last said. */
  @ApiProperty({ enum: GATEWAY_STATES }) @IsIn(GATEWAY_STATES) state: GatewayState;

  /** unknown: its agent has no tunnel, so nobody looks. */
  @ApiProperty({ enum: HEALTHS }) @IsIn(HEALTHS) health: Health;
}

/** Agents' gateways that one answer names at most. */
export const NAMED_GATEWAYS = 100;

/** One component as the outside sees it. */
export class Component {
  @ApiProperty() @IsId() component_id: string;

  @ApiProperty({ enum: COMPONENT_KINDS }) @IsIn(COMPONENT_KINDS) kind: ComponentKind;

  /** What operators call it. */
  @ApiProperty() @IsString() @MaxLength(100) name: string;

  /** Where it is probed, without credentials; null: nowhere one could go to. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() target: string | null;

  @ApiProperty({ enum: COMPONENT_STATUSES }) @IsIn(COMPONENT_STATUSES) status: ComponentStatus;

  @ApiProperty({ enum: HEALTHS }) @IsIn(HEALTHS) health: Health;

  /** null: it is green. */
  @ApiProperty({ enum: REASONS, nullable: true }) @IsNullable() @IsIn(REASONS) reason: Reason | null;

  /** The reason in words, made of `details` when this was answered. */
  @ApiProperty() @IsString() @MaxLength(1_000) sentence: string;

  /** Names, counts, shares and moments of the latest evaluation. Which there are depends on the reason. */
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsDetails() details: Details;

  /** Since when it has this status. */
  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() since: Instant;

  /** When a probe last found nothing red; null: never. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() last_good_at: Instant | null;

  /** When it is looked at again; null: nobody knows. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() next_probe_at: Instant | null;

  /** Whether its failure alone is the failure of all of its kind. */
  @ApiProperty() @IsBoolean() critical: boolean;

  /** Of the last probe; null: it got no answer, or nothing that is timed. */
  @ApiProperty({ type: Number, nullable: true }) @IsNullable() @IsNumber() @Min(0) latency_ms: number | null;

  /** 95 of 100 probes of the last 60 minutes were faster; null: there were none. */
  @ApiProperty({ type: Number, nullable: true }) @IsNullable() @IsNumber() @Min(0) p95_ms: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() last_probe_at: Instant | null;

  /** How deep a gateway can be looked into with the credentials at hand; null for all else. */
  @ApiProperty({ enum: ['http'], nullable: true }) @IsNullable() @IsIn(['http']) capability: 'http' | null;

  /** What it says it is; null: it did not say. */
  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() version: string | null;

  /** Of the roll-up of gateways: how many edge agents see, which are counted with those that are probed. 0 for all else. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) agent_gateways_total: number;

  /** The worst of these first, 100 at most. */
  @ApiProperty({ type: [AgentGateway] })
  @ArrayMaxSize(NAMED_GATEWAYS)
  @ValidateNested({ each: true })
  @Type(() => AgentGateway)
  agent_gateways: AgentGateway[];

  /** The last 60 minutes, the oldest first; the last one has not ended yet. */
  @ApiProperty({ type: [HistoryMinute] }) @ValidateNested({ each: true }) @Type(() => HistoryMinute) history: HistoryMinute[];

  /** Positions of the events this status rests on. */
  @ApiProperty({ type: [String] }) @ArrayMaxSize(20) @IsString({ each: true }) evidence: string[];

  /** `facts`: as the log has it. `live`: as the API itself sees it, while the log or PostgreSQL cannot say. */
  @ApiProperty({ enum: ['facts', 'live'] }) @IsIn(['facts', 'live']) observed: 'facts' | 'live';
}

export class ComponentQuery {
  /** The position a command answered with; the read waits until this table has reached it. */
  @ApiProperty({ required: false }) @IsOptional() @IsPosition() after?: string;
}

export class ComponentOfPath {
  @ApiProperty() @IsId() component_id: string;
}
