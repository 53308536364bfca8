import { type Instant, IsId, IsInstant } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import { SignedInView } from '../../signed-in.view.js';

/** Who asks, and whom they asked. */
export class WhoAmI extends SignedInView {
  /** Of the instance that answers. */
  @ApiProperty() @IsId() instance_id: string;

  /** By its clock; what a page measures ages against. */
  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() server_time: Instant;
}
