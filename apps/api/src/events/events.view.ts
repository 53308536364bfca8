import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { ListAnswerOf } from '@app/http';
import { type Instant, IsInstant, IsPosition, IsText } from '@app/kernel';

const STREAMS = ['facts', 'calls', 'telemetry'] as const;

/** One event as it was written, with who caused it. */
export class EventEntry {
  /** Where it stands in its stream; opaque. */
  @ApiProperty({ type: String }) @IsPosition() position: string;

  @ApiProperty({ enum: STREAMS }) @IsIn(STREAMS) stream: (typeof STREAMS)[number];

  @ApiProperty() @IsString() id: string;

  /** `<room>.<stream>.<verb>`. */
  @ApiProperty() @IsString() type: string;

  @ApiProperty({ type: 'integer' }) @IsInt() version: number;

  /** `facts.<room>.<stream>.<id>`. */
  @ApiProperty() @IsString() subject: string;

  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() at: Instant;

  /** `token:<id>`, `session:<id>` or `system:<process>`. */
  @ApiProperty() @IsString() actor: string;

  @ApiProperty() @IsString() correlation_id: string;

  @ApiProperty() @IsString() causation_id: string;

  /** As that version of that type describes it. */
  @ApiProperty({ type: 'object', additionalProperties: true }) @IsObject() data: object;
}

export class EventsQuery {
  @ApiProperty({ enum: STREAMS, required: false }) @IsIn(STREAMS) stream: (typeof STREAMS)[number] = 'facts';

  @ApiProperty({ required: false }) @IsOptional() @Matches(/^[a-z]{1,40}$/) room?: string;

  @ApiProperty({ required: false }) @IsOptional() @Matches(/^[a-z0-9.-]{1,100}$/) type?: string;

  @ApiProperty({ required: false }) @IsOptional() @Matches(/^[A-Za-z0-9._-]{1,200}$/) subject?: string;

  @ApiProperty({ required: false }) @IsOptional() @IsText(200) actor?: string;

  /** `next_cursor` of an earlier answer: only what is older. */
  @ApiProperty({ type: String, required: false }) @IsOptional() @IsPosition() before?: string;

  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: 200, default: 50 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;
}

export class EventListAnswer extends ListAnswerOf(EventEntry) {}
