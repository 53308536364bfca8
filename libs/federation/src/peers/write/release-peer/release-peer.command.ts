import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { PeerId } from '../../events/index.js';

/** An admin gives back to a peer what it was allowed before it was held. */
export class ReleasePeer {
  @ApiProperty({ type: String }) @IsId() readonly peer_id: PeerId;
}
