import type { Type as Class } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, MaxLength, Min, ValidateNested } from 'class-validator';
import { type Instant, IsInstant, IsNullable, IsPosition } from '@app/kernel';

/** What an answer lacks, and why; an answer without warnings is whole. */
export class Warning {
  /** What programs branch on: public, and never changed. */
  @ApiProperty() @IsString() code: string;

  @ApiProperty() @IsString() detail: string;
}

/** What every answer to a query says beside its data. */
class Answer {
  /** When it was read, by the server's clock. */
  @ApiProperty({ type: String, format: 'date-time' }) @IsInstant() as_of: Instant;

  /** Every event up to here is in this answer. Opaque: give it as `after` to a later read. */
  @ApiProperty({ type: String }) @IsPosition() position: string;

  /** How far the read model is behind the log, milliseconds; null: nobody could tell. */
  @ApiProperty({ type: 'integer', nullable: true }) @IsNullable() @IsInt() @Min(0) lag_ms: number | null;

  @ApiProperty({ type: [Warning] }) @ValidateNested({ each: true }) @Type(() => Warning) warnings: Warning[];
}

const named = <C>(view: C, name: string): C => Object.defineProperty(view, 'name', { value: name }) as C;

/** The view of an answer whose `data` is one `view`. A schema is filed under the name of its class: `PeerAnswer`. */
export function AnswerOf<T extends object>(view: Class<T>) {
  class One extends Answer {
    @ApiProperty({ type: () => view }) @ValidateNested() @Type(() => view) data: T;
  }
  return named(One, `${view.name}Answer`);
}

/** The view of an answer whose `data` is a page of them. */
export function ListAnswerOf<T extends object>(view: Class<T>) {
  class Many extends Answer {
    @ApiProperty({ type: () => [view] }) @ValidateNested({ each: true }) @Type(() => view) data: T[];

    /** Give it as `cursor` for the next page; absent on the last. */
    @ApiProperty({ required: false }) @IsOptional() @IsString() @MaxLength(512) next_cursor?: string;
  }
  return named(Many, `${view.name}ListAnswer`);
}
