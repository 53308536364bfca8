const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
] as const;

/** `4m`, or with `fine` the next unit too: `4m 12s`. A clock that runs ahead of ours gives 0s, not a negative time. */
export function duration(ms: number, fine = false): string {
  const at = UNITS.findIndex(([unit]) => ms >= unit);
  if (at === -1) return '0s';
  const [unit, letter] = UNITS[at]!;
  const whole = `${Math.floor(ms / unit)}${letter}`;
  const next = UNITS[at + 1];
  const rest = next === undefined ? 0 : Math.floor((ms % unit) / next[0]);
  return fine && next !== undefined && rest > 0 ? `${whole} ${rest}${next[1]}` : whole;
}

/** `4m ago`; `now` within two seconds, since a word is never newer than the network. */
export function ago(at: string, now: number): string {
  const ms = now - Date.parse(at);
  return ms < 2 * SECOND ? 'now' : `${duration(ms)} ago`;
}

/** `in 8s`; `due` once it has passed. */
export function ahead(at: string, now: number): string {
  const ms = Date.parse(at) - now;
  return ms < SECOND ? 'due' : `in ${duration(ms, true)}`;
}

/** Of 24 hours, whatever the language is used to: the same instant must not stand in two ways on one page. */
const OF_DAY = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
const LOCAL = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', ...OF_DAY });
const CLOCK = new Intl.DateTimeFormat(undefined, OF_DAY);
const DATE = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });

/** Stands where there is no value. */
export const NOTHING = '–';

/** An event that no event store wrote may have any text as its time, or none. */
export const isInstant = (at: string | number): boolean => !Number.isNaN(new Date(at).getTime());
const formatted = (format: Intl.DateTimeFormat, at: string | number): string => (isInstant(at) ? format.format(new Date(at)) : NOTHING);

/** In the reader's zone. */
export const local = (at: string): string => formatted(LOCAL, at);
/** In the reader's zone, and as the server sent it. */
export const absolute = (at: string): string => (isInstant(at) ? `${local(at)}\n${at}` : at || 'It says no time.');
export const clockTime = (at: string | number): string => formatted(CLOCK, at);
export const date = (at: string): string => formatted(DATE, at);

/** `4 ms`, `1.2 s`: three figures are enough to compare by. */
export function latency(ms: number | null): string {
  if (ms === null) return NOTHING;
  if (ms < 1) return '<1 ms';
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
