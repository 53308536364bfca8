import type { Details } from './sentences.js';

/** What one evaluation of something found. */
export interface Evaluated<S extends string = string, R extends string = string> {
  readonly status: S;
  readonly reason: R | null;
  readonly details: Details;
  /** Positions of the events that it rests on, apart from the samples of the thing itself. */
  readonly evidence: readonly string[];
}

/** The same, as the telemetry has it. */
export interface EvaluatedAt extends Evaluated {
  readonly at: string;
}

/** What a fact said last, and when it was stored. Its own position is the last of its evidence. */
export interface Evaluation {
  readonly status: string;
  readonly reason: string | null;
  readonly details: Details;
  readonly evidence: readonly string[];
  readonly judged_at: string;
}

/**
 * Details and evidence as the latest evaluation has them. An evaluation follows a fact when it is of the same status and reason and was
 * stored after it: of two spells of the same trouble, the second is not told in the words of the first.
 */
export function latestOf(fact: Evaluation, evaluated: EvaluatedAt | null): Pick<Evaluation, 'details' | 'evidence'> {
  const follows =
    evaluated !== null && evaluated.status === fact.status && evaluated.reason === fact.reason && evaluated.at >= fact.judged_at;
  if (!follows) return { details: fact.details, evidence: fact.evidence };
  const { details, evidence } = evaluated;
  return { details, evidence: evidence.length === 0 ? fact.evidence : [...evidence, ...fact.evidence.slice(-1)] };
}

/** A detail that changes with each sample is not told more often than this, ms. */
const TELL_EVERY_MS = 5_000;

/**
 * Decides when an evaluation that leaves status and reason as they are becomes telemetry: when its details or evidence differ from those last
 * told, and not more often than every 5 s for each thing. What is held back is told with a later evaluation. A thing of which this process has
 * told nothing yet, and that has no details, is no news.
 */
export class Tellings {
  private readonly told = new Map<string, { readonly what: string; readonly atMs: number }>();

  /** A fact said it. */
  said(id: string, evaluated: Evaluated): void {
    this.told.set(id, { what: JSON.stringify(evaluated), atMs: -Infinity });
  }

  /** Whether to tell it now. It counts as told from then on. */
  isNews(id: string, evaluated: Evaluated, nowMs: number): boolean {
    const last = this.told.get(id);
    const what = JSON.stringify(evaluated);
    if (last === undefined && Object.keys(evaluated.details).length === 0) {
      this.told.set(id, { what, atMs: -Infinity });
      return false;
    }
    if (what === last?.what || nowMs - (last?.atMs ?? -Infinity) < TELL_EVERY_MS) return false;
    this.told.set(id, { what, atMs: nowMs });
    return true;
  }

  /** It was not stored after all: whatever comes next is news, as soon as something may be told again. */
  failed(id: string): void {
    this.told.set(id, { what: '', atMs: this.told.get(id)?.atMs ?? -Infinity });
  }

  /** The thing is not there any more, or is something else now. */
  forget(id: string): void {
    this.told.delete(id);
  }
}
