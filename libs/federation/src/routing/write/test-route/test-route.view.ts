import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { IsId, IsNullable } from '@app/kernel';
import { AgentCheck } from '../../agent-check.view.js';
import type { MethodClass, RouteAction } from '../../events/index.js';
import { METHOD_CLASSES } from '../../events/method-class.js';
import { ROUTE_ACTIONS } from '../../events/route-added.event.js';
import { IsTargetUrl } from '../../events/target-url.js';

/** What the routing table says of a call. */
export class RouteTested {
  @ApiProperty({ enum: ROUTE_ACTIONS }) @IsIn(ROUTE_ACTIONS) action: RouteAction;

  @ApiProperty({ type: String, nullable: true, description: 'Which rule decides; null: none matches, and so the call is denied' })
  @IsNullable()
  @IsId()
  rule_id: string | null;

  @ApiProperty({ type: 'integer', nullable: true }) @IsNullable() @IsInt() @Min(1) rule_version: number | null;

  @ApiProperty({ type: String, nullable: true }) @IsNullable() @IsTargetUrl() target_url: string | null;

  @ApiProperty({ enum: METHOD_CLASSES, description: 'What the method counts as' }) @IsIn(METHOD_CLASSES) method_class: MethodClass;

  @ApiProperty({ description: 'The same for people' }) @IsString() sentence: string;

  @ApiProperty({
    type: AgentCheck,
    nullable: true,
    description: 'What the card of the agent says now; null: the call goes to none, or who asks is no operator',
  })
  @IsNullable()
  @ValidateNested()
  @Type(() => AgentCheck)
  agent: AgentCheck | null;
}
