import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import { type Instant, IsId, IsInstant, IsPosition } from '@app/kernel';

/** A join token, the only time it is shown. */
export class IssuedJoinToken {
  @ApiProperty({ type: String, description: 'Opaque; give it as `after` to a read' }) @IsPosition() position: string;

  @ApiProperty() @IsId() join_token_id: string;

  @ApiProperty({ description: 'Good once. Kept nowhere: who loses it needs another' })
  @Matches(/^cbj_[A-Za-z0-9_-]{43}$/)
  join_token: string;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() expires_at: Instant;

  @ApiProperty({ description: 'One line for the host of the agent' }) @IsString() command: string;
}
