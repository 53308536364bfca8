import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

/** An admin lets a read model be built anew from the log. */
export class RebuildProjection {
  @ApiProperty({ type: String }) @Matches(/^[a-z][a-z0-9_]{0,40}$/) readonly name: string;
}
