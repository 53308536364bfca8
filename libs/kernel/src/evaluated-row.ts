import { ArrayMaxSize, IsString } from 'class-validator';
import { IsDetails } from './details.js';
import type { Evaluated, EvaluatedAt } from './evaluation.js';
import type { Details } from './sentences.js';
import { type Instant, IsId, IsInstant, IsNullable } from './shape.js';

/** The row of a roll-up that keeps the latest evaluation of each thing. */
export class EvaluatedRow implements EvaluatedAt {
  /** Of the thing. */
  @IsId() id: string;

  /** When it was stored. */
  @IsInstant() at: Instant;

  @IsString() status: string;

  @IsNullable() @IsString() reason: string | null;

  @IsDetails() details: Details;

  @ArrayMaxSize(16) @IsString({ each: true }) evidence: string[];
}

export const evaluatedRow = (id: string, { data, at }: { readonly data: Evaluated; readonly at: Instant }): EvaluatedRow => {
  const { status, reason, details, evidence } = data;
  return { id, at, status, reason, details, evidence: [...evidence] };
};
