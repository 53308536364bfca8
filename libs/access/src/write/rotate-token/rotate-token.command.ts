import { IsInt, Matches, Max, Min, ValidateIf } from 'class-validator';
import { IsId } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import type { TokenId } from '../../events/index.js';

/** Longest time for which the old token goes on opening what it did: a day, in minutes. */
export const MAX_OVERLAP_MINUTES = 1_440;

/** An admin has a new token take the place of another. */
export class RotateToken {
  @ApiProperty({ type: String })
  @IsId()
  @Matches(/^(?!cb_)/, { message: 'token_id must be the id of the token, not the token itself' }) // Which no answer may repeat.
  readonly token_id: TokenId;

  /** For how long the old token still opens what it did; 0 or absent: it ends at once. */
  @ApiProperty({ type: 'integer', required: false, default: 0, minimum: 0, maximum: MAX_OVERLAP_MINUTES })
  @ValidateIf(({ overlap_minutes }: RotateToken) => overlap_minutes !== undefined)
  @IsInt()
  @Min(0)
  @Max(MAX_OVERLAP_MINUTES)
  readonly overlap_minutes?: number;
}
