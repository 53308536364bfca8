import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsId, IsText } from '@app/kernel';

/** An operator tries a link before it is saved. */
export class TestLink {
  @ApiProperty({ format: 'uri', maxLength: 2048, description: 'Where the other side would answer' })
  @IsText(2048)
  readonly url: string;

  @ApiProperty({ description: 'The instance id of the other side' }) @IsId() readonly remote_peer_id: string;

  @ApiProperty({ minLength: 1, maxLength: 512, writeOnly: true, description: 'As the other side would have it' })
  @IsText(512)
  @Matches(/^(?!\s)\P{Cc}+(?<!\s)$/u, { message: '$property must have no control characters, and no blanks at its ends' })
  readonly outbound_secret: string;
}
