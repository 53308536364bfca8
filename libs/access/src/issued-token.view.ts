import { IsString } from 'class-validator';
import { IsId, IsPosition } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';

/** A new service token, the only time it is shown. */
export class IssuedToken {
  /** Opaque; give it as `after` to a read. */
  @ApiProperty() @IsPosition() position: string;

  /** By this it is listed and revoked. */
  @ApiProperty() @IsId() token_id: string;

  /** `Authorization: Bearer <this>`. Kept nowhere: who loses it needs another. */
  @ApiProperty() @IsString() token: string;
}
