import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, Matches, Max, Min, ValidateNested } from 'class-validator';
import { AnswerOf, ListAnswerOf } from '@app/http';
import { type Instant, IsInstant, IsNullable, IsPosition, IsText } from '@app/kernel';

const STREAMS = ['facts', 'calls', 'telemetry'] as const;

export class Unreadable {
  /** `decode.missing-headers` and the like; `event.unknown`: a newer release wrote it. */
  @ApiProperty() @IsString() code: string;

  @ApiProperty() @IsString() detail: string;
}

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

  /** As that version of that type describes it; null: the body is not a JSON object, or too large for a list. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) @IsNullable() @IsObject() data: object | null;

  /** Of the body, bytes. */
  @ApiProperty({ type: 'integer' }) @IsInt() @Min(0) size: number;

  /** Why no read model uses it; null: they do. */
  @ApiProperty({ type: () => Unreadable, nullable: true })
  @IsNullable()
  @ValidateNested()
  @Type(() => Unreadable)
  unreadable: Unreadable | null;

  /** Whether an admin declared it absent. */
  @ApiProperty() @IsBoolean() voided: boolean;
}

/** One event with everything that is stored of it. */
export class EventDetail extends EventEntry {
  /** SHA-256 of subject, headers and body: what a void must name. */
  @ApiProperty() @IsString() hash: string;

  /** One a line, as they are stored. */
  @ApiProperty() @IsString() headers: string;

  /** As it is stored, the first 65,536 characters. */
  @ApiProperty() @IsString() body: string;
}

export class EventAt {
  @ApiProperty({ type: String }) @IsPosition() position: string;
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

export class EventDetailAnswer extends AnswerOf(EventDetail) {}
export class EventListAnswer extends ListAnswerOf(EventEntry) {}
