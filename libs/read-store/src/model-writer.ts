import pg from 'pg';
import type { AnyFold, Stream } from '@app/kernel';
import type { EventStore, RawMessage } from '@app/event-store';
import { BatchFold, type Folded, type Needed, type Step, type Unstorable } from './fold-batch.js';
import { type Parked, Parking } from './parking.js';
import { run } from './pool.js';
import { type Row, RowCache } from './row-cache.js';
import { setUpTable } from './table-set-up.js';
import { type ParkingChange, Table } from './table.js';
import { databaseErrorOf } from './trouble.js';

/** Another process claimed the checkpoint. */
export class TakenOver extends Error {}

export interface Checkpoint {
  readonly version: number;
  position: number;
  readonly epoch: number;
  readonly incarnation: string;
}

/** What became of a batch. */
export interface Written {
  /** The keys of the rows that are not what they were. */
  readonly changed: readonly string[];
  readonly parks: readonly Parked[];
  /** The event of a newer release at which the projection stands. */
  readonly needs: Needed | null;
  /** So much was parked within so short a time that the projection stands still before the next one. */
  readonly halted: boolean;
}

/**
 * Writes the rows of one generation of a read model: rows == fold(log[1..checkpoint]) but for the parked ones, after any crash. Rows,
 * parked units and checkpoint move in one statement, which does nothing for a process that no longer holds the epoch it claimed; where
 * a commit got no answer, the checkpoint, claimed anew, says what became of it.
 */
export class ModelWriter {
  readonly table: Table;
  readonly parking = new Parking();
  readonly batches: BatchFold;
  private readonly rows: RowCache;
  private checkpoint: Checkpoint = { version: 0, position: 0, epoch: 0, incarnation: '' };

  constructor(
    fold: AnyFold,
    stream: Stream,
    generation: number,
    store: Pick<EventStore, 'decoder' | 'catalogue'>,
    private readonly pool: pg.Pool,
  ) {
    this.table = new Table(fold, stream, generation);
    this.rows = new RowCache(fold.id);
    this.batches = new BatchFold(fold, store, this.parking);
  }

  get position(): number {
    return this.checkpoint.position;
  }

  /** Makes the tables that are missing, and takes the checkpoint over from whoever had it. Throws `TableDiffers`, `TakenOver`, and what `run` throws. */
  async open(incarnation: string): Promise<Readonly<Checkpoint>> {
    this.rows.clear();
    await setUpTable(this.pool, this.table);
    await run(this.pool, { text: this.table.createParked });
    const { rows } = await run(this.pool, { text: this.table.claim, values: [incarnation] });
    if (rows[0] === undefined) throw new TakenOver(); // It was migrated since.
    this.checkpoint = rows[0] as Checkpoint;
    const parked = await run(this.pool, this.table.loadParked);
    this.parking.load(parked.rows as (Parked & { recent: boolean })[]);
    return this.checkpoint;
  }

  /** Where the checkpoint is, and in which history. */
  get place(): Readonly<Checkpoint> {
    return this.checkpoint;
  }

  /** Moves the checkpoint into another history of the stream. Throws what `run` throws. */
  async resume(position: number, incarnation: string): Promise<void> {
    await run(this.pool, { text: this.table.resume, values: [position, this.checkpoint.epoch, incarnation] });
    this.checkpoint = { ...this.checkpoint, position, incarnation };
  }

  /** Makes this generation the one that is read. Throws what `run` throws. */
  async activate(): Promise<void> {
    if (this.table.activate !== '') await run(this.pool, { text: this.table.activate });
  }

  /**
   * Folds and commits one batch. `counts`: whether a newly parked unit counts towards the limit at which the projection stops.
   * Throws `TakenOver`, and what `run` throws.
   */
  async take(messages: readonly RawMessage[], counts: (parked: Parked) => boolean): Promise<Written> {
    const read = this.batches.read(messages);
    await this.load(read.steps.map(({ key }) => key));
    const unstorable = new Map<number, Unstorable>();
    for (;;) {
      const { rows, parks: stopped } = this.batches.apply(read.steps, (key) => this.rows.get(key), unstorable);
      const parks = [...read.parks, ...stopped];
      const fresh = parks.filter((parked) => !this.parking.has(parked.unit, parked.value)); // A roll-up meets the same unit again and again.
      const counted = fresh.filter(counts).toSorted((a, b) => a.position - b.position);
      const tooMany = counted[this.parking.capacity];
      if (tooMany !== undefined) return this.halt(messages, tooMany, counts);
      try {
        const changed = await this.write(rows, Math.max(read.position, this.position), { parks, released: [] });
        this.parking.add(parks, counted.length);
        return { changed, parks, needs: read.needs, halted: false };
      } catch (error) {
        if (!isDataError(error) || !(await this.findUnstorable(read.steps, rows, unstorable))) throw error;
      }
    }
  }

  /** Commits what stands before the event that is one too many. */
  private async halt(messages: readonly RawMessage[], { position }: Parked, counts: (parked: Parked) => boolean): Promise<Written> {
    const before = messages.filter(({ seq }) => seq < position);
    const written = before.length === 0 ? NOTHING : await this.take(before, counts);
    return { ...written, halted: true };
  }

  /**
   * Writes rows that were folded anew from the log, and releases their units; the checkpoint stays where it is. Throws `TakenOver`, and
   * what `run` throws: a data error when PostgreSQL refuses a row.
   */
  async replace(rows: Folded['rows'], change: ParkingChange): Promise<readonly string[]> {
    await this.load([...rows.keys()]);
    const changed = await this.write(rows, this.position, change);
    this.parking.release(change.released);
    this.parking.add(change.parks, 0);
    return changed;
  }

  private async load(keys: readonly string[]): Promise<void> {
    await this.rows.load(
      [...new Set(keys)].sort(),
      async (missing) =>
        (await run(this.pool, { name: `load ${this.table.name} ${this.table.version}`, text: this.table.load, values: [missing] })).rows,
    );
  }

  /** Answers the keys of the rows that changed. */
  private async write(rows: Folded['rows'], position: number, change: ParkingChange): Promise<string[]> {
    const changed = [...rows.keys()].filter((key) => rows.get(key) !== this.rows.get(key)).sort();
    const written = changed.map((key) => rows.get(key)).filter((row) => row !== undefined);
    const removed = changed.filter((key) => rows.get(key) === undefined);
    const isParking = change.parks.length + change.released.length > 0;
    const values = [position, this.checkpoint.position, this.checkpoint.epoch, removed, ...this.valuesOf(written)];
    const { rows: answer } = await run(
      this.pool,
      isParking
        ? { text: this.table.commitParking, values: [...values, ...this.table.parkingValues(change)] }
        : { name: `commit ${this.table.name} ${this.table.version}`, text: this.table.commit, values },
    );
    if ((answer[0] as { moved: number }).moved !== 1) throw new TakenOver();
    this.checkpoint.position = position;
    for (const key of changed) this.rows.set(key, rows.get(key));
    return changed;
  }

  /** Throws `Unserialisable`: a fold made a value that is not JSON. */
  private valuesOf(rows: readonly Row[]): unknown[][] {
    try {
      return this.table.values(rows);
    } catch (error) {
      throw new Unserialisable(String(error), { cause: error });
    }
  }

  /** Finds by trial the events whose rows PostgreSQL refuses. Resolves to whether there are any. */
  private async findUnstorable(steps: readonly Step[], rows: Folded['rows'], unstorable: Map<number, Unstorable>): Promise<boolean> {
    const known = unstorable.size;
    const keys = [...rows.keys()].filter((key) => rows.get(key) !== undefined);
    for (const key of await this.refusedAmong(keys, rows)) await this.firstRefused(steps, key, unstorable);
    return unstorable.size > known;
  }

  /** Halves until each refused row stands alone. */
  private async refusedAmong(keys: readonly string[], rows: Folded['rows']): Promise<string[]> {
    if (keys.length === 0 || (await this.refusal(keys.map((key) => rows.get(key) as Row))) === null) return [];
    if (keys.length === 1) return [...keys];
    const half = keys.length >> 1;
    return [...(await this.refusedAmong(keys.slice(0, half), rows)), ...(await this.refusedAmong(keys.slice(half), rows))];
  }

  /** Adds the first event of a key after which its row cannot be stored. */
  private async firstRefused(steps: readonly Step[], key: string, unstorable: Map<number, Unstorable>): Promise<void> {
    const own = steps.filter((step) => step.key === key);
    for (const [i, { event }] of own.entries()) {
      const row = this.batches.apply(own.slice(0, i + 1), () => this.rows.get(key), unstorable).rows.get(key);
      const refusal = row === undefined ? null : await this.refusal([row]);
      if (refusal === null) continue;
      unstorable.set(event.position, refusal);
      return;
    }
  }

  /** Why PostgreSQL does not take these rows; null: it does. Nothing is written. */
  private async refusal(rows: readonly Row[]): Promise<Unstorable | null> {
    const client = await connected(this.pool);
    try {
      await run(client, { text: 'BEGIN' });
      await run(client, { text: this.table.probe, values: this.valuesOf(rows) });
      return null;
    } catch (error) {
      if (isDataError(error)) return { code: codeOf(error), detail: error.message };
      throw error;
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
      client.release();
    }
  }
}

const NOTHING: Written = { changed: [], parks: [], needs: null, halted: false };

/** A fold made a value that is not JSON. */
class Unserialisable extends Error {}

/** Classes of SQLSTATE in which a value is the trouble: cardinality, data, constraint, and a row that is too large for its index. */
const DATA = ['21', '22', '23', '54'];
export const isDataError = (error: unknown): error is Error =>
  error instanceof Unserialisable || (error instanceof pg.DatabaseError && DATA.includes(error.code?.slice(0, 2) ?? ''));
export const codeOf = (error: Error): string => (error instanceof pg.DatabaseError ? `database.${error.code}` : 'fold.not-json');

/** Throws as `run`. */
async function connected(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw databaseErrorOf(error);
  }
}
