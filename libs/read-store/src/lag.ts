import pg from 'pg';
import { type EventStore, serverTimeOf } from '@app/event-store';
import type { AnyFold } from '@app/kernel';
import { run } from './pool.js';
import { KEPT_IN, streamOf } from './streams-read.js';
import { checkpointsBuilt, checkpointsOf, parkedName } from './table.js';

export interface Lag {
  readonly projection: string;
  readonly lag_events: number;
  /**
   * Age of the oldest event that is not in the rows, by the clock of NATS alone; 0 while the rows are built for the first time, where
   * events are old and nobody waits for them.
   */
  readonly lag_seconds: number;
  /** How long the checkpoint has stood still with events waiting. */
  readonly stalled_seconds: number;
  readonly position: number;
  /** Units that stand still, each at an event that cannot be used; of a roll-up those of which events were left out. */
  readonly parked: number;
}

/** Undefined table, undefined schema. */
const NOT_THERE = ['42P01', '3F000'];

interface Observation {
  position: number;
  sinceMs: number;
}

/**
 * Measures from outside, by the log and the checkpoints, so that a projector that died is seen too. Keeps what it saw last, to
 * tell standing still from working. Throws `DatabaseUnavailable`, or what the client throws when the log does not answer.
 */
export function projectionLag(pool: pg.Pool, store: EventStore, folds: readonly AnyFold[]): () => Promise<Lag[]> {
  const seen = new Map<string, Observation>();
  const measure = async (fold: AnyFold): Promise<Lag> => {
    const stream = streamOf(fold);
    const info = await store.info(KEPT_IN[stream]);
    const { state } = info;
    const { position, isRead } = await checkpointOf(pool, fold);
    const lag_events = Math.max(0, state.last_seq - Math.max(position, state.first_seq - 1));
    const before = seen.get(fold.table);
    const now = performance.now();
    const sinceMs = before === undefined || before.position !== position || lag_events === 0 ? now : before.sinceMs;
    seen.set(fold.table, { position, sinceMs });
    const next = Math.max(position + 1, state.first_seq);
    const waitingSince = lag_events === 0 || !isRead ? null : await store.storedAt(KEPT_IN[stream], next);
    const lag_seconds = waitingSince === null ? 0 : Math.max(0, serverTimeOf(info) - waitingSince.getTime()) / 1_000;
    const stalled_seconds = (now - sinceMs) / 1_000;
    return { projection: fold.table, lag_events, lag_seconds, stalled_seconds, position, parked: await parkedOf(pool, fold) };
  };
  return () => Promise.all(folds.map(measure));
}

/** A model that was never built parks nothing, nor does one that an earlier release built. */
async function parkedOf(pool: pg.Pool, fold: AnyFold): Promise<number> {
  const text = `SELECT count(*) AS position FROM ${parkedName(fold)} WHERE fold = $1`;
  return (await positionIn(pool, { text, values: [fold.table] })) ?? 0;
}

/** Of the version that is read; where none is, of the one that is being built: 0 before it was begun. */
async function checkpointOf(pool: pg.Pool, fold: AnyFold): Promise<{ position: number; isRead: boolean }> {
  const read = await positionIn(pool, checkpointsOf(fold));
  if (read !== undefined) return { position: read, isRead: true };
  return { position: (await positionIn(pool, checkpointsBuilt(fold))) ?? 0, isRead: false };
}

async function positionIn(pool: pg.Pool, checkpoints: { text: string; values: string[] }): Promise<number | undefined> {
  try {
    return ((await run(pool, checkpoints)).rows[0] as { position: number } | undefined)?.position;
  } catch (error) {
    if (error instanceof pg.DatabaseError && NOT_THERE.includes(error.code ?? '')) return undefined;
    throw error;
  }
}
