import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsGiven } from '@app/kernel';
import { IsLabel } from '../../events/agent-label.js';
import { IsHostnamePattern } from '../../events/hostname-pattern.js';

/** An operator lets one agent join. */
export class IssueJoinToken {
  @ApiProperty({
    required: false,
    minLength: 1,
    maxLength: 253,
    description:
      'What the agent will be called; left out: as its host. It has no control, bidirectional or invisible characters, and no blanks at its ends',
  })
  @IsOptional()
  @IsLabel()
  readonly label?: string;

  @ApiProperty({
    required: false,
    maxLength: 253,
    example: 'edge-*.berlin.example',
    description: 'Which hosts; * stands for any characters',
  })
  @IsOptional()
  @IsHostnamePattern()
  readonly hostname_pattern?: string;

  @ApiProperty({ required: false, default: false, description: 'The agent is not meant to last' })
  @IsGiven()
  @IsBoolean()
  readonly ephemeral?: boolean;
}
