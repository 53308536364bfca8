import type { Call, Health, Outcome } from '../contract.js';

/** The colour of an outcome. What a rule refused is no failure, but somebody wanted it; an abortion was the caller's own will. */
export const OUTCOME_HEALTH: Record<Outcome, Health> = {
  open: 'unknown',
  completed: 'up',
  failed: 'down',
  aborted: 'unknown',
  denied: 'degraded',
  unknown: 'unknown',
};

export const OUTCOME_SAYS: Record<Outcome, string> = {
  open: 'Under way',
  completed: 'Answered without an error',
  failed: 'Answered with an error, or not at all',
  aborted: 'The caller went away before the end',
  denied: 'Refused before anything was forwarded',
  unknown: 'The process that carried it ended before it did',
};

/** What `accepted_at` is the instant of: what was refused was asked for, and never accepted. */
export const begunAs = (outcome: Outcome): string => (outcome === 'denied' ? 'Asked for' : 'Accepted');

/** `2.1 KB`; decimal, since that is how networks count. */
export function size(bytes: number | null): string {
  if (bytes === null) return '–';
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${trimmed(bytes / 1_000)} KB` : `${trimmed(bytes / 1_000_000)} MB`;
}

const trimmed = (value: number): string => (value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value)));

const PLAIN = new Intl.NumberFormat('en-US');
const COMPACT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** `1,204`; from a hundred thousand on `120K`, since the column has an end. */
export const amount = (value: number): string => (value < 100_000 ? PLAIN : COMPACT).format(value);

/** `JSON-RPC, A2A 1.0`. */
export function protocolOf({ binding, protocol_version: version }: Pick<Call, 'binding' | 'protocol_version'>): string | null {
  const words = [binding === 'JSONRPC' ? 'JSON-RPC' : binding, version === null ? null : `A2A ${version}`].filter((word) => word !== null);
  return words.length === 0 ? null : words.join(', ');
}

/** Where the first byte came, as a share of the whole time; null: there is no whole to have a share of. */
export function waitShare({ first_byte_ms: first, total_ms: total }: Pick<Call, 'first_byte_ms' | 'total_ms'>): number | null {
  if (first === null || total === null || total <= 0) return null;
  return Math.min(1, Math.max(0, first / total));
}
