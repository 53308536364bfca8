import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { PeerId } from '../../events/index.js';
import { IsKeyFingerprint } from '../../events/public-key.js';

/** An admin confirms the key that a peer shows, after asking its operator. */
export class PinPeerKey {
  @ApiProperty({ type: String }) @IsId() readonly peer_id: PeerId;

  @ApiProperty({
    example: '21fe-31df-a154-a261-626b-f854-046f-d227',
    description: "As the peer's operator reads it off there: ap infrastructure doctor",
  })
  @IsKeyFingerprint()
  readonly fingerprint: string;
}
