import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsNumber, IsString, Min } from 'class-validator';
import { IsNullable } from '@app/kernel';

/** What came of an attempt to speak with an instance, just now. */
export class LinkTest {
  @ApiProperty({ description: 'It answered, and both sides hold the same secret' }) @IsBoolean() ok: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Why not: a code; null: it is ok' }) @IsNullable() @IsString() reason:
    string | null;

  @ApiProperty({ description: 'The same for people' }) @IsString() sentence: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Round trip, ms; null: there was no answer to believe' })
  @IsNullable()
  @IsNumber()
  @Min(0)
  rtt_ms: number | null;
}
