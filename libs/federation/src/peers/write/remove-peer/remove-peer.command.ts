import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { PeerId } from '../../events/index.js';

/** An admin removes a peer for good. */
export class RemovePeer {
  @ApiProperty({ type: String }) @IsId() readonly peer_id: PeerId;
}
