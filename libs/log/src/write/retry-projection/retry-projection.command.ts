import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches, ValidateIf } from 'class-validator';
import { IsText } from '@app/kernel';

const UNITS = ['row', 'subject'] as const;

/** An operator lets a read model fold parked rows again: one unit, or all when none is named. */
export class RetryProjection {
  @ApiProperty({ type: String }) @Matches(/^[a-z][a-z0-9_]{0,40}$/) readonly name: string;

  @ApiProperty({ enum: UNITS, required: false }) @IsOptional() @IsIn(UNITS) readonly unit?: (typeof UNITS)[number];

  /** The key of the row, or the subject; together with `unit`. */
  @ApiProperty({ type: String, required: false, maxLength: 1000 })
  @ValidateIf(({ unit, value }: RetryProjection) => unit !== undefined || value !== undefined)
  @IsText(1_000)
  readonly value?: string;
}
