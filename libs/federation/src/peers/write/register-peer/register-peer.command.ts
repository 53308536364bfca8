import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { IsId, IsText } from '@app/kernel';
import { IsLabel } from '../../events/peer-label.js';

/** An operator makes another instance known to this one. */
export class RegisterPeer {
  @ApiProperty({ description: 'The instance id of the other side' }) @IsId() readonly remote_peer_id: string;

  @ApiProperty({
    minLength: 1,
    maxLength: 100,
    description: 'What operators call it: no control, bidirectional or invisible characters, no blanks at its ends',
  })
  @IsLabel()
  readonly label: string;

  @ApiProperty({
    format: 'uri',
    maxLength: 2048,
    description: 'Where it answers: an https origin, of a public address unless settings allow more',
  })
  @IsText(2048)
  readonly url: string;

  /** What is pasted with a line break or a blank would never match the other side, and nobody would see why. */
  @ApiProperty({
    required: false,
    minLength: 24,
    maxLength: 512,
    writeOnly: true,
    description: 'Shared with the other side; left out, one is made and shown once in the answer',
  })
  @IsOptional()
  @IsText(512)
  @Matches(/^(?!\s)\P{Cc}*(?<!\s)$/u, { message: '$property must have no control characters, and no blanks at its ends' })
  readonly outbound_secret?: string;
}
