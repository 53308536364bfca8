import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { PeerId } from '../../events/index.js';

/** An operator ends the suspension of a peer. */
export class ResumePeer {
  @ApiProperty({ type: String }) @IsId() readonly peer_id: PeerId;
}
