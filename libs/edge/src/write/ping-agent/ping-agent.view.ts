import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, IsNumber, IsString, Min } from 'class-validator';
import { IsNullable } from '@app/kernel';

/** What came of a ping through the tunnel. */
export class PingAnswer {
  @ApiProperty() @IsBoolean() ok: boolean;

  @ApiProperty({ type: Number, nullable: true, description: 'null: it did not answer' }) @IsNullable() @IsNumber() @Min(0) rtt_ms:
    number | null;

  @ApiProperty() @IsString() sentence: string;
}
