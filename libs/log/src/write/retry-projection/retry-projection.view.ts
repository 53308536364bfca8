import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Min } from 'class-validator';

/** What became of a retry. */
export class RetryOutcome {
  /** Rows and subjects that go on. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) released: number;

  /** Rows and subjects that stand still again: their cause is still there. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) parked: number;
}
