import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ValidateNested } from 'class-validator';
import { IsNullable, IsPosition } from '@app/kernel';
import { AgentCheck } from '../../agent-check.view.js';

export class RouteEditAccepted {
  /** Opaque; give it as `after` to a read. */
  @ApiProperty({ type: String }) @IsPosition() position: string;

  @ApiProperty({
    type: AgentCheck,
    nullable: true,
    description: 'What the card of the agent said just after; null: the rule leads to none',
  })
  @IsNullable()
  @ValidateNested()
  @Type(() => AgentCheck)
  agent: AgentCheck | null;
}
