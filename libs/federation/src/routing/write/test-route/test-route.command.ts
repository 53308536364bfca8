import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsId, IsText } from '@app/kernel';
import { IsAgentName } from '../../events/agent-name.js';
import { DIRECTIONS } from '../../../calls/events/direction.js';
import type { Direction } from '../../../calls/events/index.js';

/** Somebody asks what would become of a call. Nothing is sent, and nothing is written. */
export class TestRoute {
  @ApiProperty({ enum: DIRECTIONS }) @IsIn(DIRECTIONS) readonly direction: Direction;

  @ApiProperty() @IsId() readonly peer_id: string;

  @ApiProperty() @IsAgentName() readonly agent: string;

  @ApiProperty({ maxLength: 200, description: 'Of A2A 1.0 or 0.3: SendMessage, tasks/get' })
  @IsText(200)
  readonly method: string;
}
