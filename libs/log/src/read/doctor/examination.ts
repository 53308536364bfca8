import type { Clock } from '@app/kernel';
import type { CheckId, CheckState, DoctorCheck } from './doctor.view.js';

/** What a rule makes of what was seen. */
export interface Finding {
  readonly state: CheckState;
  readonly detail: string;
  readonly next: string | null;
}

export const ok = (detail: string): Finding => ({ state: 'ok', detail, next: null });
export const warn = (detail: string, next: string): Finding => ({ state: 'warn', detail, next });
export const fail = (detail: string, next: string): Finding => ({ state: 'fail', detail, next });

export interface Check {
  readonly id: CheckId;
  readonly title: string;
  /** Checks without which this one cannot be made. */
  readonly needs: readonly CheckId[];
  /** May throw, and may never end. */
  readonly look: () => Promise<Finding>;
  /** What it means that this check threw or was late, in these words; else that it could not be made. */
  readonly undone?: (words: string) => Finding;
}

/** Why a check has no finding, words that follow "could not be checked: ". */
interface Undone {
  readonly undone: string;
}

/**
 * Makes all checks at once and ends within `deadlineMs`, whatever they do. A check that throws or is late fails; where one that it needs
 * has failed, that one is the cause, and this one is a warning.
 */
export async function examine(checks: readonly Check[], clock: Pick<Clock, 'after'>, deadlineMs: number): Promise<DoctorCheck[]> {
  const results = await Promise.all(checks.map((check) => inTime(check, clock, deadlineMs)));
  const failed = new Map(checks.filter((_, i) => isFailed(results[i] as Finding | Undone)).map(({ id, title }) => [id, title]));
  return checks.map((check, i) => {
    const result = results[i] as Finding | Undone;
    const finding = 'undone' in result ? findingOf(check, result, failedOf(check.needs, failed)) : result;
    return { id: check.id, title: check.title, state: finding.state, detail: finding.detail, next: finding.next };
  });
}

const isFailed = (result: Finding | Undone): boolean => 'undone' in result || result.state === 'fail';
const failedOf = (needs: readonly CheckId[], failed: ReadonlyMap<CheckId, string>): string[] => needs.flatMap((id) => failed.get(id) ?? []);

function findingOf({ title, undone: meaning = cannot(title) }: Check, { undone }: Undone, causes: readonly string[]): Finding {
  if (causes.length === 0) return meaning(undone);
  const of = causes.join(' and ');
  return warn(`${title} could not be checked, because a check before it failed: ${of}.`, `Correct ${of} first, and run the doctor again.`);
}

const cannot =
  (title: string) =>
  (words: string): Finding =>
    fail(`${title} could not be checked: ${words}.`, 'Read the log of this process, and run the doctor again.');

async function inTime({ look }: Check, clock: Pick<Clock, 'after'>, deadlineMs: number): Promise<Finding | Undone> {
  const late = Promise.withResolvers<Undone>();
  const stop = clock.after(deadlineMs, () => late.resolve({ undone: `no answer within ${deadlineMs / 1_000} s` }));
  const done = (async () => look())().catch((error: unknown): Undone => ({ undone: wordsOf(error) }));
  try {
    return await Promise.race([done, late.promise]);
  } finally {
    stop();
  }
}

/** A message as the end of a sentence: of the cause, where there is one. Of a host with several addresses each has an error of its own. */
export function wordsOf(error: unknown): string {
  const { cause, message, errors } = (error ?? {}) as { cause?: unknown; message?: unknown; errors?: unknown };
  if (cause !== undefined) return wordsOf(cause);
  if (typeof message === 'string' && message !== '') return message.replace(/\.$/, '');
  return Array.isArray(errors) && errors.length > 0 ? errors.map(wordsOf).join(', ') : 'no reason given';
}
