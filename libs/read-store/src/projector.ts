import type pg from 'pg';
import type { AnyFold, Stream } from '@app/kernel';
import {
  type Batch,
  type EventStore,
  ForeignMessage,
  HistoryGap,
  HistoryRewound,
  type RawMessage,
  type Recorded,
  logOf,
} from '@app/event-store';
import { announce, announceKept, hearKept } from './announce.js';
import { DatabaseUnavailable, run } from './pool.js';
import { RowCache } from './row-cache.js';
import { KEPT_IN, isDense, isGuarded, streamOf } from './streams-read.js';
import { Table } from './table.js';

/**
 * `starting`  claims its checkpoint
 * `running`   folds what comes; caught up or not
 * `standby`   another process has the checkpoint; takes it over when that one falls silent
 * `failed`    says why; tries again with back-off. `stopped` by `stop()`.
 */
export type ProjectorState = 'starting' | 'running' | 'standby' | 'failed' | 'stopped';

export interface ProjectorReport {
  readonly table: string;
  readonly state: ProjectorState;
  readonly stream: Stream;
  readonly position: number;
  /** Whether its rows are the ones that are read. */
  readonly isReadable: boolean;
  readonly error: string | null;
}

interface Checkpoint {
  version: number;
  position: number;
  epoch: number;
  incarnation: string;
}

const FIRST_BACKOFF_MS = 250;
const LAST_BACKOFF_MS = 10_000;
const HEARTBEAT_MS = 1_000;
const FORGET_MS = 3_600_000;
/** So many at a time: each portion is through long before the time of a statement is over. */
const FORGET_ROWS = 5_000;
/** An index over millions of rows that are there already takes longer than any other statement. */
const CREATE_MS = 60_000;
/** Who was taken over waits until the other has been silent for so long. */
const STANDBY_MS = 10_000;

/** Another process claimed the checkpoint. */
class TakenOver extends Error {}

/**
 * Keeps one read model true: read model == fold(log[1..checkpoint]), after any crash, anywhere. Rows and checkpoint move in one
 * statement, which does nothing for a process that no longer holds the epoch it claimed; where a commit got no answer, the
 * checkpoint, claimed anew, says what became of it.
 */
export class Projector {
  private readonly abort = new AbortController();
  private readonly table: Table;
  private readonly stream: Stream;
  private readonly wanted: ReadonlySet<string>;
  private readonly streamsRead: ReadonlySet<string>;
  private readonly rows: RowCache;
  private checkpoint: Checkpoint = { version: 0, position: 0, epoch: 0, incarnation: '' };
  private state: ProjectorState = 'stopped';
  private error: string | null = null;
  private forgetError: string | null = null;
  private pending = 0;
  private lagMs = 0;
  private active = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly fold: AnyFold,
    private readonly store: EventStore,
    private readonly pool: pg.Pool,
    private readonly log: (level: 'info' | 'warn' | 'error', words: string) => void,
  ) {
    this.stream = streamOf(fold);
    this.table = new Table(fold, this.stream);
    this.rows = new RowCache(fold.id);
    this.wanted = new Set(fold.reads.map(({ type }) => type));
    this.streamsRead = new Set(fold.reads.map(({ type }) => streamName(type)));
  }

  start(): void {
    this.running = this.keepRunning();
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    this.abort.abort();
    await this.running;
  }

  report(): ProjectorReport {
    const { fold, stream, state, checkpoint, active, error } = this;
    return { table: fold.table, stream, state, position: checkpoint.position, isReadable: active && state === 'running', error };
  }

  private async keepRunning(): Promise<void> {
    const heartbeat = setInterval(() => {
      this.say([]);
      this.sayKept();
    }, HEARTBEAT_MS);
    const forgetting = setInterval(() => void this.forget(), FORGET_MS);
    for (let waitMs = FIRST_BACKOFF_MS; !this.stopped; waitMs = Math.min(waitMs * 2, LAST_BACKOFF_MS)) {
      const before = this.checkpoint.position;
      try {
        await this.once();
      } catch (error) {
        if (this.stopped) break;
        if (this.checkpoint.position > before) waitMs = FIRST_BACKOFF_MS;
        if (error instanceof TakenOver) await this.standBy();
        else {
          this.fail(error);
          await this.pause(waitMs * (0.5 + Math.random() / 2));
        }
      }
    }
    clearInterval(heartbeat);
    clearInterval(forgetting);
    this.state = 'stopped';
  }

  private get stopped(): boolean {
    return this.abort.signal.aborted;
  }

  private async once(): Promise<void> {
    this.state = 'starting';
    this.rows.clear();
    const kept = KEPT_IN[this.stream];
    await this.store.gate.pass(kept);
    await run(this.pool, { text: this.table.create, query_timeout: CREATE_MS });
    const { rows } = await run(this.pool, { text: this.table.claim, values: [this.store.gate.incarnationOf(kept)] });
    this.checkpoint = rows[0] as Checkpoint;
    await this.resume();
    if (this.checkpoint.version !== this.fold.version)
      throw new Error(
        `${this.fold.table} holds version ${this.checkpoint.version}, and this process has ${this.fold.version}; a roll-up must be migrated`,
      );
    const { position, incarnation } = this.checkpoint;
    const from = { stream: kept, after: position, incarnation, dense: isDense(this.stream) };
    await this.store.assertContinues(from); // Before anybody is told that these rows are up to date.
    const { state } = await this.store.info(kept);
    this.pending = Math.max(0, state.last_seq - Math.max(position, state.first_seq - 1)); // What was forgotten never comes.
    this.active = false;
    if (this.pending === 0) await this.activate();
    this.state = 'running';
    this.sayKept();
    this.say(null);
    await this.forget();
    for await (const batch of this.store.follow(from, this.abort.signal)) {
      await this.commit(batch);
      this.error = null;
      if (!this.active && this.pending === 0) {
        await this.activate();
        this.say(null); // What was committed before it could be read was not said.
      }
    }
  }

  /** A roll-up whose stream lost its end goes on where the stream does; what it counted of that end stays counted. */
  private async resume(): Promise<void> {
    const { gate } = this.store;
    const kept = KEPT_IN[this.stream];
    const incarnation = gate.incarnationOf(kept);
    const { position: before, incarnation: was } = this.checkpoint;
    if (this.fold.kind !== 'rollup' || was === incarnation) return;
    const position = Math.min(before, gate.beginOf(kept));
    await run(this.pool, { text: this.table.resume, values: [position, this.checkpoint.epoch, incarnation] });
    this.checkpoint = { ...this.checkpoint, position, incarnation };
    const lost = Math.max(0, before - position);
    this.log('warn', `${this.fold.table} continues after ${position}; ${lost} measurements it counted are in ${kept} no more`);
  }

  private async commit(batch: Batch): Promise<void> {
    await this.store.gate.pass(KEPT_IN[this.stream]);
    const events = batch.messages.flatMap((message) => this.read(message) ?? []);
    const keys = [...new Set(events.map((event) => this.fold.key(event)))].sort();
    await this.rows.load(
      keys,
      async (missing) => (await run(this.pool, { name: `load ${this.fold.table}`, text: this.table.load, values: [missing] })).rows,
    );
    const before = new Map(keys.map((key) => [key, this.rows.get(key)]));
    for (const event of events) {
      const key = this.fold.key(event);
      this.rows.set(key, this.fold.apply(this.rows.get(key), event) ?? undefined);
    }
    const changed = keys.filter((key) => this.rows.get(key) !== before.get(key));
    const written = changed.map((key) => this.rows.get(key)).filter((row) => row !== undefined);
    const removed = changed.filter((key) => this.rows.get(key) === undefined);
    const position = batch.messages.at(-1)?.seq ?? this.checkpoint.position;
    const { rows } = await run(this.pool, {
      name: `commit ${this.fold.table}`,
      text: this.table.commit,
      values: [position, this.checkpoint.position, this.checkpoint.epoch, removed, ...this.table.values(written)],
    });
    if ((rows[0] as { moved: number }).moved !== 1) throw new TakenOver();
    this.checkpoint.position = position;
    this.store.gate.note(KEPT_IN[this.stream], position);
    this.pending = batch.pending;
    const last = events.at(-1);
    this.lagMs = last === undefined ? 0 : Math.max(0, Date.now() - Date.parse(last.at));
    this.say(changed);
  }

  /** An event this fold reads; undefined for others. What nobody here knows, of a stream it reads, stops it: it may be meant for it. */
  private read(message: RawMessage): Recorded | undefined {
    const type = message.headers?.get('ce-type') ?? '';
    if (type === '' && isGuarded(this.stream)) throw new ForeignMessage(message.subject, message.seq);
    if (this.wanted.has(type) || (this.streamsRead.has(streamName(type)) && !this.store.catalogue.knows(type)))
      return this.store.catalogue.read(message);
    return undefined;
  }

  /** In portions. What cannot be forgotten now is in an hour, or at the next start. */
  private async forget(): Promise<void> {
    const { keep } = this.fold;
    if (keep === undefined || this.table.forget === undefined || this.state !== 'running') return;
    const before = new Date(Date.now() - keep.forMs).toISOString();
    try {
      for (let gone: number | null = FORGET_ROWS; gone === FORGET_ROWS && !this.stopped;)
        gone = (await run(this.pool, { text: this.table.forget, values: [before, FORGET_ROWS] })).rowCount;
      this.forgetError = null;
    } catch (error) {
      const words = wordsOf(error);
      if (words !== this.forgetError) this.log('warn', `${this.fold.table} keeps what is too old: ${words}`);
      this.forgetError = words;
    }
  }

  private async activate(): Promise<void> {
    if (this.table.activate !== '') await run(this.pool, { text: this.table.activate });
    this.active = true;
  }

  private say(keys: readonly string[] | null): void {
    if (this.state !== 'running' || !this.active) return;
    const { position, incarnation } = this.checkpoint;
    const { stream, pending, lagMs: lag_ms } = this;
    announce(this.store.nc, { table: this.fold.table, stream, position, log: logOf(incarnation), pending, lag_ms, keys });
  }

  /** To those that stand by, also while the rows are not to be read yet. */
  private sayKept(): void {
    if (this.state === 'running') announceKept(this.store.nc, this.fold);
  }

  /** What a reader finds wrong with the log concerns every process. */
  private doubt(error: unknown): void {
    const { gate } = this.store;
    const stream = KEPT_IN[this.stream];
    if (error instanceof HistoryGap)
      gate.trip({ stream, code: 'log.gap', detail: `${stream} lacks the message ${error.missing}`, end: error.missing - 1 });
    if (!(error instanceof HistoryRewound) || this.checkpoint.incarnation !== gate.incarnationOf(stream)) return;
    gate.note(stream, this.checkpoint.position);
    gate.suspect(stream);
  }

  private fail(error: unknown): void {
    this.doubt(error);
    this.state = 'failed';
    const words = wordsOf(error);
    if (words !== this.error)
      this.log(
        error instanceof DatabaseUnavailable ? 'warn' : 'error',
        `${this.fold.table} stopped at ${this.checkpoint.position}: ${words}`,
      );
    this.error = words;
  }

  private async standBy(): Promise<void> {
    this.state = 'standby';
    this.log('info', `${this.fold.table} is kept by another process; standing by`);
    let heardAt = performance.now();
    const hearing = hearKept(this.store.nc, this.fold, () => (heardAt = performance.now()));
    while (!this.stopped && performance.now() - heardAt < STANDBY_MS) await this.pause(HEARTBEAT_MS);
    hearing.unsubscribe();
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.abort.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.abort.signal.addEventListener('abort', done);
    });
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const streamName = (type: string): string => type.slice(0, type.lastIndexOf('.'));
