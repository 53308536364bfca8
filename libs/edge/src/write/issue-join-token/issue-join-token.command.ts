import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsOptional, Matches, ValidateIf } from 'class-validator';
import { IsGiven, IsName } from '@app/kernel';
import { IsLabel } from '../../events/agent-label.js';
import { IsHostnamePattern } from '../../events/hostname-pattern.js';

/** Without credentials and query, and without anything that a shell takes for more than text. */
const GATEWAY = /^https?:\/\/[A-Za-z0-9.:/_[\]-]{1,240}$/;

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

  @ApiProperty({
    required: false,
    maxLength: 248,
    pattern: GATEWAY.source,
    example: 'http://127.0.0.1:18789',
    description: 'Where the gateway beside the agent listens. It becomes part of the line, and is not kept',
  })
  @ValidateIf(({ gateway, gateway_token_file }: IssueJoinToken) => gateway !== undefined || gateway_token_file !== undefined)
  @Matches(GATEWAY, { message: '$property must be the http or https address of a gateway, without credentials and query' })
  readonly gateway?: string;

  @ApiProperty({
    required: false,
    minLength: 1,
    maxLength: 1024,
    example: '~/.openclaw/token',
    description: "The file on the agent's host that holds the token of `gateway`. It becomes part of the line, and is not kept",
  })
  @IsOptional()
  @IsName(1024)
  readonly gateway_token_file?: string;
}
