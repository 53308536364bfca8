import { IsArray, IsBoolean, IsIn, IsInt, IsNumber, IsObject } from 'class-validator';
import { type Instant, IsId, IsInstant, IsListOf, IsName, IsNullable, IsText } from '@app/kernel';
import { columnsOf } from './columns.js';

class Part {
  @IsInt() size: number;
}

class Row {
  @IsId() id: string;
  @IsNullable() @IsInstant() seen_at: Instant | null;
  @IsInt() count: number;
  @IsNumber() share: number;
  @IsBoolean() critical: boolean;
  @IsIn(['up', 'down']) status: string;
  @IsName(9) label: string;
  @IsText(9, { lines: true }) note: string;
  @IsArray() @IsText(9, { each: true }) evidence: string[];
  @IsListOf(Part, 8) parts: Part[];
  @IsNullable() @IsObject() detail: object | null;
}

it('reads the columns of a row off its decorators', () => {
  expect(columnsOf(Row).map(({ name, type, nullable }) => `${name} ${type}${nullable ? ' null' : ''}`)).toEqual([
    'id text',
    'seen_at text null',
    'count bigint',
    'share double precision',
    'critical boolean',
    'status text',
    'label text',
    'note text',
    'evidence jsonb',
    'parts jsonb',
    'detail jsonb null',
  ]);
});

it('does not take a class without decorators for a row', () => {
  expect(() => columnsOf(class Empty {})).toThrow('Empty has no field with a decorator');
});

it('refuses a field that would be two things', () => {
  class Odd {
    @IsInt() @IsBoolean() both: number;
  }
  expect(() => columnsOf(Odd)).toThrow(/both would be .* at once/);
});
