import type { Details } from '@app/kernel';
import type { Reason } from '../events/reason.js';
import type { Gauge } from './policy.js';

/**
 * Something a component said of itself, or that was seen of it, which has no threshold. With `detail`, a sentence without names and numbers
 * of the moment, or with `details`, of which its sentence is made when it is read.
 */
export type Finding = { readonly colour: 'amber' | 'red'; readonly reason: Reason } & (
  { readonly detail: string } | { readonly details: Details }
);

/** What the sentence of a finding or a failure is made of. */
export const detailsOf = (found: { readonly detail: string } | { readonly details: Details }): Details =>
  'details' in found ? found.details : { said: found.detail };

/** A number that has a limit. `of`: what it is the number of, where the component has several. */
export interface Measured {
  readonly gauge: Exclude<Gauge, 'p95_ms' | 'starting_ms'>;
  readonly value: number;
  readonly of?: string;
}

/** The whole round trip was made. What came back may still be bad news. */
export interface Answered {
  readonly ok: true;
  /** null: nothing here is timed. */
  readonly latencyMs: number | null;
  readonly findings: readonly Finding[];
  readonly measured: readonly Measured[];
  readonly version: string | null;
  readonly uptimeMs: number | null;
  readonly capability: 'http' | null;
}

/** No answer, or not one this kind of component gives. */
export interface Failed {
  readonly ok: false;
  readonly reason: Reason;
  /** A sentence, without credentials. */
  readonly detail: string;
}

/** What one probe brought back. */
export type ProbeResult = Answered | Failed;

export const failed = (reason: Reason, detail: string): Failed => ({ ok: false, reason, detail });

export const answered = (latencyMs: number | null, rest: Partial<Omit<Answered, 'ok' | 'latencyMs'>> = {}): Answered => ({
  findings: [],
  measured: [],
  version: null,
  uptimeMs: null,
  capability: null,
  ...rest,
  ok: true,
  latencyMs,
});
