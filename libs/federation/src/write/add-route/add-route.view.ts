import { ApiProperty } from '@nestjs/swagger';
import { IsId, IsPosition } from '@app/kernel';

export class RouteAccepted {
  /** Opaque; give it as `after` to a read. */
  @ApiProperty({ type: String }) @IsPosition() position: string;

  @ApiProperty() @IsId() rule_id: string;
}
