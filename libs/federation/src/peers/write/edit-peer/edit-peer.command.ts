import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { PeerId } from '../../events/index.js';
import { IsLabel } from '../../events/peer-label.js';

/** An operator gives a peer another label. Its identity, URL and secret are not edited here. */
export class EditPeer {
  @ApiProperty({ type: String }) @IsId() readonly peer_id: PeerId;

  @ApiProperty({
    minLength: 1,
    maxLength: 100,
    description: 'What operators call it: no control, bidirectional or invisible characters, no blanks at its ends',
  })
  @IsLabel()
  readonly label: string;
}
