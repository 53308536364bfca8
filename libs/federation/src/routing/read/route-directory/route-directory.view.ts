import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateNested } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, IsPosition, IsText } from '@app/kernel';
import { IsAgentName } from '../../events/agent-name.js';
import { DIRECTIONS } from '../../../calls/events/direction.js';
import type { Direction } from '../../../calls/events/index.js';
import type { MethodClass, RouteAction } from '../../events/index.js';
import { METHOD_CLASSES } from '../../events/method-class.js';
import { IsMethodClasses } from '../../events/method-classes.js';
import { ROUTE_ACTIONS } from '../../events/route-added.event.js';
import { HEADER_NAME } from '../../events/route-credential.js';
import { IsFingerprint } from '../../../peers/events/secret-fingerprint.js';
import { IsTargetUrl } from '../../events/target-url.js';

/** The credential of a rule, without its value, which no answer has. */
export class RouteCredentialEntry {
  @ApiProperty() @IsId() credential_id: string;

  @ApiProperty({ maxLength: 64, description: 'The header it is sent in' }) @Matches(HEADER_NAME) header: string;

  @ApiProperty({ type: 'integer', minimum: 1, description: 'One more with each value that replaces it' }) @IsInt() @Min(1) version: number;

  @ApiProperty({ description: 'The same for the same value' }) @IsFingerprint() fingerprint: string;
}

/** What a rule lets through. */
export class RouteLimitsEntry {
  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000_000 }) @IsInt() @Min(1) @Max(1_000_000) calls_per_minute: number;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 100_000 }) @IsInt() @Min(1) @Max(100_000) concurrent_calls: number;

  @ApiProperty({ type: 'integer', minimum: 1024, maximum: 1024 ** 3, description: 'Bytes of request bodies that are held at once' })
  @IsInt()
  @Min(1024)
  @Max(1024 ** 3)
  body_bytes: number;
}

/** One rule, wherever it stands. */
export class RouteEntry {
  @ApiProperty() @IsId() rule_id: string;

  @ApiProperty({ enum: DIRECTIONS }) @IsIn(DIRECTIONS) direction: Direction;

  @ApiProperty({ type: String, nullable: true, description: 'null: any peer' }) @IsNullable() @IsId() peer_id: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'null: any agent' }) @IsNullable() @IsAgentName() agent: string | null;

  @ApiProperty({
    type: [String],
    enum: METHOD_CLASSES,
    nullable: true,
    description: 'The classes of methods it covers; null: all of them, since it was added before rules named classes',
  })
  @IsNullable()
  @IsMethodClasses()
  classes: readonly MethodClass[] | null;

  @ApiProperty({ enum: ROUTE_ACTIONS }) @IsIn(ROUTE_ACTIONS) action: RouteAction;

  @ApiProperty({ type: String, nullable: true, description: 'Where to, of a rule that routes' })
  @IsNullable()
  @IsTargetUrl()
  target_url: string | null;

  @ApiProperty({ type: RouteCredentialEntry, nullable: true, description: 'What calls to the target are sent with' })
  @IsNullable()
  @ValidateNested()
  @Type(() => RouteCredentialEntry)
  credential: RouteCredentialEntry | null;

  @ApiProperty({ type: RouteLimitsEntry, nullable: true, description: 'null: none are enforced' })
  @IsNullable()
  @ValidateNested()
  @Type(() => RouteLimitsEntry)
  limits: RouteLimitsEntry | null;

  @ApiProperty({ description: 'Why, in the words of who added it; may be empty' }) @IsString() @MaxLength(500) note: string;

  @ApiProperty({ type: 'integer', description: 'Where in the facts it was added or last edited; calls name it' })
  @IsInt()
  @Min(1)
  version: number;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() added_at: Instant;

  @ApiProperty() @IsString() added_by: string;

  @ApiProperty({ description: 'A call it matches is denied until an admin releases it' }) @IsBoolean() held: boolean;
}

/** One rule and its place. */
export class Route extends RouteEntry {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'Its place: the first rule that matches a call decides' })
  @IsInt()
  @Min(1)
  order: number;

  @ApiProperty({
    type: String,
    enum: METHOD_CLASSES,
    nullable: true,
    deprecated: true,
    description: 'The one class that it covers; null: several, see classes',
  })
  @IsNullable()
  @IsIn(METHOD_CLASSES)
  method_class: MethodClass | null;

  @ApiProperty({ type: [String], description: 'What a later release will refuse of it, and what to do: sentences' })
  @ArrayMaxSize(4)
  @IsText(500, { each: true })
  warnings: string[];
}

/** The row: the whole table, in its order. Each rule's place depends on all others, and so they change together. */
export class RouteDirectoryRow {
  @IsId() route_table: string;

  @ArrayMaxSize(500) @ValidateNested({ each: true }) @Type(() => RouteEntry) rules: RouteEntry[];
}

export class RouteListQuery {
  @ApiProperty({ required: false, description: 'The position a command answered with: the answer holds what it wrote' })
  @IsOptional()
  @IsPosition()
  after?: string;
}
