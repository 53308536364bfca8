import type { Health, HistoryMinute } from '../contract.js';
import type { Cell, Colour } from './table.js';

const SHAPE: Record<Health, readonly [string, Colour]> = {
  up: ['●', 'green'],
  degraded: ['▲', 'yellow'],
  down: ['⬣', 'red'],
  unknown: ['○', 'grey'],
};

/** Begun, and not yet what it is to become. */
const WAITING: readonly string[] = ['pending', 'enrolled', 'open'];

/** A state is a shape, a word and a colour, so that no one of them has to be seen. */
export function state(status: string, health: Health): Cell {
  // A server that is newer than this ap may know a fifth answer; it is shown as what we make of it: nothing.
  const [shape, colour] = (SHAPE as Partial<typeof SHAPE>)[health] ?? SHAPE.unknown;
  return { text: `${WAITING.includes(status) ? '◌' : shape} ${status}`, colour };
}

export const colourOf = (health: Health): Colour => ((SHAPE as Partial<typeof SHAPE>)[health] ?? SHAPE.unknown)[1];

/** The reason's code and what it means, which may begin with the same words; a thing without reason has none to tell. */
export function why(reason: string | null, sentence: string): string {
  if (reason === null) return '';
  return sentence.toLowerCase().startsWith(`${reason.replaceAll('_', ' ')}:`) ? sentence : `${reason}: ${sentence}`;
}

/** From an instant to the server's now, in the one unit that matters: `38s`, `4m`, `5h`, `3d`. */
export function age(since: string | null, now: string | null): string {
  return span(Date.parse(now ?? '') - Date.parse(since ?? ''));
}

/** A duration in the same words; nothing of one that is not known. */
export function span(ms: number | null): string {
  if (ms === null || Number.isNaN(ms)) return '';
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${Math.max(0, seconds)}s`;
  if (seconds < 60 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 60 * 60) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

const NOW_S = 5;
/** When something was last seen: `now`, `4m ago`. */
export function ago(at: string | null, now: string | null): string {
  const text = age(at, now);
  if (text === '') return '';
  return text.endsWith('s') && Number.parseInt(text) < NOW_S ? 'now' : `${text} ago`;
}

/** Milliseconds as a reader takes them in: `3.2 ms`, `64 ms`, `12 s`. */
export function latency(ms: number | null): string {
  if (typeof ms !== 'number') return '';
  if (ms >= 10_000) return `${Math.round(ms / 1000)} s`;
  return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`;
}

/** `2026-11-22 10:03:12Z`: seconds are enough to read, and `-o json` has the rest. */
export const instant = (at: string | null): string => (at === null ? '' : at.replace('T', ' ').replace(/\.\d+Z$/, 'Z'));
export const clock = (at: string | null): string => instant(at).slice(11);

/** An instant in a narrow place: without its day when that is today's (UTC), else without year and seconds. */
export const lately = (at: string, now: string | null): string =>
  now?.slice(0, 10) === at.slice(0, 10) ? clock(at) : `${instant(at).slice(5, 16)}Z`;

/** How far the answer is behind the log. */
export const lag = (ms: number | null): string => `lag ${latency(ms) || 'unknown'}`;

const LEVELS = '▁▂▃▄▅▆▇█';
const HISTORY_COLOUR: Record<HistoryMinute['worst'], Colour> = { green: 'green', amber: 'yellow', red: 'red', unknown: 'grey' };

/** A minute's height is its share of good probes, its colour the worst that was seen; a minute nobody looked is hatched. */
export const bar = (history: readonly HistoryMinute[]): Cell[] =>
  history.map(({ good, bad, worst }) =>
    good + bad === 0
      ? { text: '░', colour: 'grey' }
      : { text: LEVELS[Math.round((good / (good + bad)) * (LEVELS.length - 1))]!, colour: HISTORY_COLOUR[worst] },
  );
