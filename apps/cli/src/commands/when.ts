import { failure } from '../failure.js';
import { durationMs } from '../globals.js';
import { plain } from '../view/plain.js';

/** An instant, once the server's now is known: durations are counted by its clock, like all they are compared with. */
export type When = (now: string | null) => string;

/** `--until`: an instant as it stands, or a duration from now on. */
export const untilOf = (text: string): When => whenOf('--until', text, 1);

/** `--since`: an instant as it stands, or a duration back from now. */
export const sinceOf = (text: string): When => whenOf('--since', text, -1);

function whenOf(option: string, text: string, sign: 1 | -1): When {
  const ms = durationMs(text);
  if (ms !== undefined) return (now) => new Date(Date.parse(now ?? '') + sign * ms).toISOString();
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(text) && !Number.isNaN(Date.parse(text));
  if (!isInstant)
    throw failure(
      'cli.usage',
      `${option} is neither an instant nor a duration: ${plain(text)}`,
      'give one like 2026-12-01T08:00:00Z or 2h',
    );
  return () => new Date(text).toISOString();
}
