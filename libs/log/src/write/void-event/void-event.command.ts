import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsText } from '@app/kernel';

/** An admin declares a message of the log absent, since no release can read it. */
export class VoidEvent {
  /** Where the message is, as `GET projections/{name}/parked` and `GET events` show it. */
  @ApiProperty({ type: String, pattern: '^[fc]\\d{1,15}' }) @Matches(/^[fc]\d{1,15}(~[a-z0-9]{4})?$/) readonly position: string;

  /** Its hash, as `GET events/{position}` shows it: the confirmation that this message is meant. */
  @ApiProperty({ type: String }) @Matches(/^[0-9a-f]{64}$/) readonly hash: string;

  @ApiProperty({ type: String, maxLength: 500 }) @IsText(500) readonly reason: string;
}
