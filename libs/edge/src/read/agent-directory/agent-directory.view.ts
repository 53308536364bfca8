import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { type Details, HEALTHS, type Health, type Instant, IsDetails, IsId, IsInstant, IsNullable, IsPosition, IsText } from '@app/kernel';
import { IsLabel } from '../../events/agent-label.js';
import { AGENT_REASONS, type AgentReason } from '../../events/agent-reason.js';
import { AGENT_STATUSES, type AgentStatus } from '../../events/agent-status.js';
import {
  CAPABILITIES,
  CHANNEL_ERRORS,
  type Capability,
  type ChannelError,
  GATEWAY_REASONS,
  GATEWAY_STATES,
  type GatewayReason,
  type GatewayState,
  TIER_LIMIT_CODES,
  type TierLimit,
} from '../../events/gateway-state.js';
import { REJECTIONS, type Rejection } from '../../events/handshake-rejected.event.js';
import { IsFingerprint } from '../../events/key-fingerprint.js';

export const LIFECYCLES = ['enrolled', 'active', 'revoked'] as const;

/** A channel that is set up at a gateway, all its accounts together. */
export class Channel {
  @ApiProperty({ description: 'Unique within its gateway', example: 'telegram' }) @IsString() @MaxLength(48) name: string;

  @ApiProperty({ type: Boolean, nullable: true, description: 'null: the gateway does not say' })
  @IsNullable()
  @IsBoolean()
  connected: boolean | null;

  @ApiProperty({ type: String, nullable: true, description: "The gateway's word for what it does" })
  @IsNullable()
  @IsString()
  @MaxLength(48)
  lifecycle: string | null;

  @ApiProperty({ enum: CHANNEL_ERRORS, nullable: true, description: 'Class of what it last failed of, while it is not connected' })
  @IsNullable()
  @IsIn(CHANNEL_ERRORS)
  error: ChannelError | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Since when it is not connected, at the latest' })
  @IsNullable()
  @IsInstant()
  down_since: Instant | null;
}

/** One gateway beside an agent, as the agent last said. */
export class Gateway {
  @ApiProperty({ description: 'Unique within its agent' }) @IsString() @MaxLength(128) name: string;

  @ApiProperty({ enum: CAPABILITIES, description: 'How deep the agent can look into it' }) @IsIn(CAPABILITIES) capability: Capability;

  @ApiProperty({ enum: TIER_LIMIT_CODES, nullable: true, description: 'Why the agent cannot look deeper; null: nothing limits it' })
  @IsNullable()
  @IsIn(TIER_LIMIT_CODES)
  tier_limit: TierLimit | null;

  @ApiProperty({ type: String, nullable: true, description: 'The same for people: what lets the agent look deeper' })
  @IsNullable()
  @IsString()
  tier_advice: string | null;

  @ApiProperty({ type: [Channel], description: 'Empty: none is set up, or the agent cannot see' })
  @ArrayMaxSize(32)
  @ValidateNested({ each: true })
  @Type(() => Channel)
  channels: Channel[];

  @ApiProperty({ enum: GATEWAY_STATES }) @IsIn(GATEWAY_STATES) state: GatewayState;

  @ApiProperty({ enum: HEALTHS, description: 'Of its state: ready, with a reason, is degraded' }) @IsIn(HEALTHS) health: Health;

  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() version: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Time of its version and uptime, once it does not answer; null: they are of the last sync',
  })
  @IsNullable()
  @IsInstant()
  known_at: Instant | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'At the last sync, or at `known_at`' })
  @IsNullable()
  @IsInt()
  @Min(0)
  uptime_ms: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'From the agent to it and back' })
  @IsNullable()
  @IsNumber()
  @Min(0)
  latency_ms: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'null: the agent cannot see' }) @IsNullable() @IsInt() @Min(0) sessions:
    number | null;

  @ApiProperty({ enum: GATEWAY_REASONS, nullable: true }) @IsNullable() @IsIn(GATEWAY_REASONS) reason: GatewayReason | null;

  @ApiProperty() @IsString() @MaxLength(512) sentence: string;
}

export class ModelCost {
  @ApiProperty() @IsString() @MaxLength(128) model: string;

  @ApiProperty() @IsNumber() @Min(0) usd: number;

  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) tokens: number;
}

/** Cost of one of the agents that a gateway runs. */
export class AgentCost {
  @ApiProperty({ type: String, nullable: true, description: 'Name of its gateway; null: of several' })
  @IsNullable()
  @IsString()
  @MaxLength(128)
  gateway: string | null;

  @ApiProperty({ description: 'As its gateway calls it' }) @IsString() @MaxLength(64) agent: string;

  @ApiProperty() @IsNumber() @Min(0) usd: number;

  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) tokens: number;
}

/** What the gateways of one agent cost on one UTC day, until the agent last said. */
export class DayCost {
  @ApiProperty({ example: '2026-02-01' }) @Matches(/^\d{4}-\d\d-\d\d$/) day: string;

  @ApiProperty() @IsNumber() @Min(0) usd: number;

  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) tokens: number;

  @ApiProperty({ type: [ModelCost] }) @ArrayMaxSize(64) @ValidateNested({ each: true }) @Type(() => ModelCost) by_model: ModelCost[];

  @ApiProperty({ type: [AgentCost], description: 'Empty: no gateway says, or the agent is of an earlier release' })
  @ArrayMaxSize(64)
  @ValidateNested({ each: true })
  @Type(() => AgentCost)
  by_agent: AgentCost[];

  @ApiProperty({ type: 'integer', description: 'Uses whose price is not known, and that `usd` lacks' })
  @IsInt()
  @Min(0)
  missing_cost_entries: number;

  @ApiProperty({ description: 'Whether all gateways said so just then' }) @IsBoolean() fresh: boolean;
}

/** Handshakes of an agent that were not accepted, since it was last heard. Anybody who knows its id can cause `signature_invalid`. */
export class RejectedHandshakes {
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(1) count: number;

  @ApiProperty({ enum: REJECTIONS, description: 'Of the last one' }) @IsIn(REJECTIONS) reason: Rejection;

  @ApiProperty({ description: 'The same for people' }) @IsString() @MaxLength(2_400) sentence: string;

  @ApiProperty({ type: String, nullable: true, description: 'By which address it asked; null: it does not say' })
  @IsNullable()
  @IsString()
  address: string | null;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() last_at: Instant;
}

const SHARE = { type: Number, nullable: true, minimum: 0, maximum: 1 } as const;

/** How busy the host of an agent is, as the agent last said. */
export class HostLoad {
  @ApiProperty({ ...SHARE, description: 'Share of its processors, since its report before' })
  @IsNullable()
  @IsNumber()
  @Min(0)
  @Max(1)
  cpu_ratio: number | null;

  @ApiProperty({ ...SHARE, description: 'Share of its memory in use' }) @IsNullable() @IsNumber() @Min(0) @Max(1) mem_ratio: number | null;

  @ApiProperty({ ...SHARE, description: 'Share in use of the disk that the agent keeps its data on' })
  @IsNullable()
  @IsNumber()
  @Min(0)
  @Max(1)
  disk_ratio: number | null;

  @ApiProperty({ type: String, format: 'date-time', description: 'When it was said' }) @IsInstant() at: Instant;
}

/** One edge agent as the outside sees it. */
export class EdgeAgent {
  @ApiProperty() @IsId() agent_id: string;

  @ApiProperty({ description: 'What operators call it' }) @IsLabel() label: string;

  @ApiProperty({ type: String, nullable: true, description: 'As the agent says it' }) @IsNullable() @IsString() hostname: string | null;

  @ApiProperty({ enum: LIFECYCLES }) @IsIn(LIFECYCLES) lifecycle: (typeof LIFECYCLES)[number];

  @ApiProperty({ enum: AGENT_STATUSES }) @IsIn(AGENT_STATUSES) status: AgentStatus;

  @ApiProperty({ enum: HEALTHS }) @IsIn(HEALTHS) health: Health;

  @ApiProperty({ enum: AGENT_REASONS, nullable: true, description: 'null: nothing to explain' })
  @IsNullable()
  @IsIn(AGENT_REASONS)
  reason: AgentReason | null;

  @ApiProperty({ description: 'The reason for people, made of the details when this was answered' })
  @IsString()
  @MaxLength(1_000)
  sentence: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Names, counts and shares of the latest evaluation; which there are depends on the reason',
  })
  @IsDetails()
  details: Details;

  @ApiProperty({ type: String, format: 'date-time', description: 'When the status became what it is' }) @IsInstant() since: Instant;

  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() version: string | null;

  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsString() os: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: "When the agent's process started, by its own clock" })
  @IsNullable()
  @IsInstant()
  started_at: Instant | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Since when its tunnel stands; null: none does' })
  @IsNullable()
  @IsInstant()
  connected_at: Instant | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true }) @IsNullable() @IsInstant() last_heartbeat_at: Instant | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When a report of it was last taken' })
  @IsNullable()
  @IsInstant()
  last_sync_at: Instant | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Of the last ping' }) @IsNullable() @IsNumber() @Min(0) rtt_ms: number | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it promised to be back' })
  @IsNullable()
  @IsInstant()
  expected_back_at: Instant | null;

  @ApiProperty({ description: 'It is not meant to last' }) @IsBoolean() ephemeral: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Since when it is refused until an admin releases it' })
  @IsNullable()
  @IsInstant()
  held_at: Instant | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Since when lists and counts leave it out; null: they do not',
  })
  @IsNullable()
  @IsInstant()
  archived_at: Instant | null;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() enrolled_at: Instant;

  @ApiProperty({ description: 'Who issued its join token' }) @IsString() enrolled_by: string;

  @ApiProperty() @IsId() join_token_id: string;

  @ApiProperty({ description: 'Of its public key; the agent prints the same' }) @IsFingerprint() key_fingerprint: string;

  @ApiProperty({ type: RejectedHandshakes, nullable: true, description: 'null: none since it was last heard' })
  @IsNullable()
  @ValidateNested()
  @Type(() => RejectedHandshakes)
  rejected: RejectedHandshakes | null;

  @ApiProperty({ type: [Gateway] }) @ArrayMaxSize(32) @ValidateNested({ each: true }) @Type(() => Gateway) gateways: Gateway[];

  @ApiProperty({ type: HostLoad, nullable: true, description: 'null: it never said' })
  @IsNullable()
  @ValidateNested()
  @Type(() => HostLoad)
  host: HostLoad | null;

  @ApiProperty({ type: DayCost, nullable: true, description: 'Of the last day of which it said anything' })
  @IsNullable()
  @ValidateNested()
  @Type(() => DayCost)
  cost: DayCost | null;

  @ApiProperty({ type: [String], description: 'Positions of the events this rests on' })
  @ArrayMaxSize(20)
  @IsString({ each: true })
  evidence: string[];
}

export class EdgeAgentQuery {
  @ApiProperty({ required: false, description: 'The position a command answered with: the answer holds what it wrote' })
  @IsOptional()
  @IsPosition()
  after?: string;
}

export class EdgeAgentPath {
  @ApiProperty() @IsId() agent_id: string;
}

/** `<enrolled_at>~<agent_id>` of the last agent of a page; opaque outside. */
export const CURSOR = /^(?<enrolled_at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)~(?<agent_id>[A-Za-z0-9_-]{1,64})$/;

export const ARCHIVED = ['exclude', 'include', 'only'] as const;

export class EdgeAgentListQuery extends EdgeAgentQuery {
  @ApiProperty({ required: false, enum: AGENT_STATUSES }) @IsOptional() @IsIn(AGENT_STATUSES) status?: AgentStatus;

  @ApiProperty({ required: false, maxLength: 100, description: 'Part of its label, host name or id; case does not matter' })
  @IsOptional()
  @IsText(100)
  q?: string;

  @ApiProperty({
    required: false,
    description: 'Exactly this label. Without `archived`, agents that are neither archived nor revoked go before all others of that label',
  })
  @IsOptional()
  @IsText(100)
  label?: string;

  @ApiProperty({ required: false, enum: ARCHIVED, description: 'Without it, and without `label`: exclude' })
  @IsOptional()
  @IsIn(ARCHIVED)
  archived?: (typeof ARCHIVED)[number];

  @ApiProperty({ required: false, description: 'Which it joined by: one agent at most' }) @IsOptional() @IsId() join_token_id?: string;

  @ApiProperty({ required: false, type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @Type(() => Number) // Text in a URL becomes a number field by field; implicit conversion would also make `'false'` true.
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  @ApiProperty({ required: false, description: 'The next_cursor of the page before' })
  @IsOptional()
  @Matches(CURSOR, { message: '$property must be a next_cursor as it was answered' })
  cursor?: string;
}
