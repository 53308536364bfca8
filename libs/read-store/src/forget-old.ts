import type pg from 'pg';
import { type AnyFold, messageOf } from '@app/kernel';
import { run } from './pool.js';
import type { Table } from './table.js';

/** So many at a time: each portion is through long before the time of a statement is over. */
const FORGET_ROWS = 5_000;
/** The last trouble of each table, which is told once. */
const told = new WeakMap<AnyFold, string>();

/** Removes the rows of a roll-up that are older than it keeps them, in portions. What cannot be forgotten now is in an hour. */
export async function forgetOld(
  fold: AnyFold,
  table: Table,
  pool: pg.Pool,
  signal: AbortSignal,
  warn: (words: string) => void,
): Promise<void> {
  if (fold.keep === undefined || table.forget === undefined) return;
  const before = new Date(Date.now() - fold.keep.forMs).toISOString();
  try {
    for (let gone: number | null = FORGET_ROWS; gone === FORGET_ROWS && !signal.aborted;)
      gone = (await run(pool, { text: table.forget, values: [before, FORGET_ROWS] })).rowCount;
    told.delete(fold);
  } catch (error) {
    const words = messageOf(error);
    if (words !== told.get(fold)) warn(`${fold.table} keeps what is too old: ${words}`);
    told.set(fold, words);
  }
}
