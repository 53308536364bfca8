import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsBoolean, IsIn, IsInt, IsOptional, IsString, MaxLength, Min, ValidateNested } from 'class-validator';
import { type Instant, IsId, IsInstant, IsNullable, IsPosition } from '@app/kernel';
import { IsAgentName } from '../../events/agent-name.js';
import { DIRECTIONS } from '../../events/direction.js';
import type { Direction, MethodClass, RouteAction } from '../../events/index.js';
import { METHOD_CLASSES } from '../../events/method-class.js';
import { ROUTE_ACTIONS } from '../../events/route-added.event.js';
import { IsTargetUrl } from '../../events/target-url.js';

/** One rule, wherever it stands. */
export class RouteEntry {
  @ApiProperty() @IsId() rule_id: string;

  @ApiProperty({ enum: DIRECTIONS }) @IsIn(DIRECTIONS) direction: Direction;

  @ApiProperty({ type: String, nullable: true, description: 'null: any peer' }) @IsNullable() @IsId() peer_id: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'null: any agent' }) @IsNullable() @IsAgentName() agent: string | null;

  @ApiProperty({ type: String, enum: METHOD_CLASSES, nullable: true, description: 'null: any method' })
  @IsNullable()
  @IsIn(METHOD_CLASSES)
  method_class: MethodClass | null;

  @ApiProperty({ enum: ROUTE_ACTIONS }) @IsIn(ROUTE_ACTIONS) action: RouteAction;

  @ApiProperty({ type: String, nullable: true, description: 'Where to, of a rule that routes' })
  @IsNullable()
  @IsTargetUrl()
  target_url: string | null;

  @ApiProperty({ description: 'Why, in the words of who added it; may be empty' }) @IsString() @MaxLength(500) note: string;

  @ApiProperty({ type: 'integer', description: 'Where in the facts it was added; calls name it' }) @IsInt() @Min(1) version: number;

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
