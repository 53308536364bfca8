import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { IsId, IsPosition } from '@app/kernel';

export class PeerAccepted {
  /** Opaque; give it as `after` to a read. */
  @ApiProperty() @IsPosition() position: string;

  @ApiProperty() @IsId() peer_id: string;

  @ApiProperty({
    required: false,
    description: 'Only when one was made, and only in the answer to the request that made it: it cannot be read again',
  })
  @IsOptional()
  @IsString()
  outbound_secret?: string;
}
