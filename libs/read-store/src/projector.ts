import type pg from 'pg';
import { type AnyFold, Backoff, type Stream, messageOf } from '@app/kernel';
import { type EventStore, logOf, pause } from '@app/event-store';
import { announce, announceKept } from './announce.js';
import { forgetOld } from './forget-old.js';
import { reportBrokenLog, resumed } from './continuity.js';
import { activeModel, generationOf } from './generation.js';
import { ModelWriter, TakenOver, type Written } from './model-writer.js';
import type { Parked, Unit } from './parking.js';
import { run } from './pool.js';
import { NotFoldedAgain, NotKept, standstillOf, type ProjectorReport, type ProjectorState } from './projector-report.js';
import { Rebuild, type Rebuilt } from './rebuild.js';
import { Refold, type Retried } from './refold.js';
import { unavailabilityOf } from './stand-by.js';
import { KEPT_IN, isDense, streamOf } from './streams-read.js';
import { TableDiffers, hasChanged } from './table-set-up.js';
import { DatabaseUnavailable } from './trouble.js';

const BACKOFF = { firstMs: 250, longestMs: 10_000 };
const HEARTBEAT_MS = 1_000;
const FORGET_MS = 3_600_000;
/** How often a projector looks whether a table that it refused is another, milliseconds. */
const REFUSED_LOOK_MS = 2_000;

/**
 * Keeps one read model true: read model == fold(log[1..checkpoint]), but for parked rows, after any crash, anywhere. See `ModelWriter`
 * for how rows, parked units and checkpoint move together.
 */
export class Projector {
  private readonly abort = new AbortController();
  /** Ends one run over the log: the model is to be opened again. */
  private turn = new AbortController();
  private readonly stream: Stream;
  private writer: ModelWriter;
  private state: ProjectorState = 'stopped';
  private error: string | null = null;
  private code: string | null = null;
  private needs: string | null = null;
  private pending = 0;
  private lagMs = 0;
  private active = false;
  private rebuild: Rebuild | null = null;
  private rebuilt: Rebuilt | null = null;
  /** Which newly parked units count towards the limit of `Parking`. */
  private counts: (parked: Parked) => boolean = () => true;
  private running: Promise<void> = Promise.resolve();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly fold: AnyFold,
    private readonly store: EventStore,
    private readonly pool: pg.Pool,
    private readonly log: (level: 'info' | 'warn' | 'error', words: string) => void,
  ) {
    this.stream = streamOf(fold);
    this.writer = this.writerOf(0);
  }

  start(): void {
    this.running = this.keepRunning();
  }

  /** Ends after the batch in hand. */
  async stop(): Promise<void> {
    this.abort.abort();
    this.turn.abort();
    await this.running;
    await this.last.catch(() => undefined);
  }

  report(): ProjectorReport {
    return {
      table: this.fold.table,
      stream: this.stream,
      isReadable: this.isKept && this.active,
      version: this.fold.version,
      state: this.state,
      position: this.writer.position,
      error: this.error,
      code: this.code,
      needs_release: this.needs,
      parked: this.writer.parking.size,
      building: this.rebuild?.progress ?? null,
      rebuilt: this.rebuilt,
    };
  }

  /** Whether this process has the checkpoint. */
  get isKept(): boolean {
    return ['running', 'waiting', 'halted'].includes(this.state);
  }

  /** The relations that must be there while this model is kept; none otherwise. */
  get relations(): readonly string[] {
    return this.isKept ? this.writer.table.relations(this.active) : [];
  }

  /** Opens the model again, from its checkpoint: somebody dropped a relation of it. */
  reopen(): void {
    this.turn.abort();
  }

  /**
   * Folds parked units again, all of them when `units` is absent. A model that halted goes on. Throws `NotFoldedAgain`, `NotKept`,
   * `NeedsRelease`, and what the log and PostgreSQL throw.
   */
  async retry(units?: readonly Unit[]): Promise<Retried> {
    if (this.fold.kind === 'rollup') throw new NotFoldedAgain(this.fold.table);
    if (!this.isKept) throw new NotKept(`${this.fold.table} is ${this.state} in this process`);
    const { parking } = this.writer;
    const chosen = units === undefined ? parking.all() : parking.amongst(units);
    const retried = await new Refold(this.fold, this.store, this.writer, chosen, this.abort.signal).run((work) => this.exclusively(work));
    parking.forgive();
    this.say(retried.changed);
    if (this.state === 'halted') this.turn.abort();
    return retried;
  }

  /** Builds the model anew beside the one that is read, and lets it take its place. Resolves when that has begun. Throws as `retry`. */
  async startRebuild(): Promise<void> {
    if (this.fold.kind === 'rollup') throw new NotFoldedAgain(this.fold.table);
    if (!this.isKept || !this.active) throw new NotKept(`${this.fold.table} is ${this.state} in this process`);
    if (this.rebuild !== null) return;
    const writer = this.writerOf(this.writer.table.generation + 1);
    const rebuild = new Rebuild(this.store, this.pool, () => this.writer, writer, this.abort.signal);
    this.rebuild = rebuild;
    this.log('info', `${this.fold.table}: a rebuild begins`);
    void rebuild
      .run((work) => this.exclusively(work))
      .then((rebuilt) => {
        this.rebuilt = rebuilt;
        this.log('info', `${this.fold.table} is rebuilt: ${rebuilt.rows} rows, ${rebuilt.differences} of them other than before`);
        this.turn.abort();
      })
      .catch((error: unknown) => {
        if (!this.stopped) this.log('error', `${this.fold.table}: the rebuild stopped, and the rows stay as they are: ${messageOf(error)}`);
      })
      .finally(() => (this.rebuild = null));
  }

  private async keepRunning(): Promise<void> {
    const heartbeat = setInterval(() => {
      this.say([]);
      this.sayKept();
    }, HEARTBEAT_MS);
    const forgetting = setInterval(() => void this.forget(), FORGET_MS);
    const stopHearing = this.store.voids.onVoid((voided) => void this.retryQuietly(this.writer.parking.stoppedBy(voided)));
    const backoff = new Backoff(BACKOFF);
    while (!this.stopped) {
      const before = this.writer.position;
      this.turn = new AbortController();
      try {
        await this.runOnce(AbortSignal.any([this.abort.signal, this.turn.signal]));
        backoff.reset();
      } catch (error) {
        if (this.stopped) break;
        if (this.writer.position > before) backoff.reset();
        if (error instanceof TakenOver) {
          this.state = 'standby';
          this.log('info', `${this.fold.table} is kept by another process; standing by`);
          await unavailabilityOf(this.store.nc, this.fold, this.abort.signal);
        } else if (error instanceof TableDiffers) await this.refuse(error);
        else {
          this.fail(error);
          await pause(backoff.next(Math.random()), this.abort.signal);
        }
      }
    }
    stopHearing();
    clearInterval(heartbeat);
    clearInterval(forgetting);
    this.state = 'stopped';
  }

  private get stopped(): boolean {
    return this.abort.signal.aborted;
  }

  private writerOf(generation: number): ModelWriter {
    return new ModelWriter(this.fold, this.stream, generation, this.store, this.pool);
  }

  /** One thing at a time is done to the rows: a batch, a retry, or the end of a rebuild. */
  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.catch(() => undefined).then(work);
    this.last = turn;
    return turn;
  }

  private async runOnce(signal: AbortSignal): Promise<void> {
    this.state = 'starting';
    this.needs = null;
    const kept = KEPT_IN[this.stream];
    await this.store.gate.pass(kept);
    const before = await activeModel(this.pool, this.fold);
    this.writer = this.writerOf(generationOf(this.fold, before));
    await this.writer.open(this.store.gate.incarnationOf(kept));
    const checkpoint = await resumed(this.fold, this.writer, this.store.gate, (words) => this.log('warn', words));
    const { position, incarnation } = checkpoint;
    const from = { stream: kept, after: position, incarnation, dense: isDense(this.stream) };
    await this.store.assertContinues(from); // Before anybody is told that these rows are up to date.
    const { state } = await this.store.info(kept);
    this.pending = Math.max(0, state.last_seq - Math.max(position, state.first_seq - 1)); // What was forgotten never comes.
    this.counts = position > 0 ? () => true : (parked) => parked.position > state.last_seq || before.isNew(parked);
    this.active = false;
    if (this.pending === 0) await this.activate();
    this.state = 'running';
    this.sayKept();
    this.say(null);
    await this.forget();
    void this.retryQuietly(this.writer.parking.ofOtherReleases());
    await this.consume(from, signal);
  }

  private async consume(from: Parameters<EventStore['consume']>[0], signal: AbortSignal): Promise<void> {
    for await (const batch of this.store.consume(from, signal)) {
      await this.store.gate.pass(KEPT_IN[this.stream]);
      const written = await this.exclusively(() => this.writer.take(batch.messages, this.counts));
      this.store.gate.note(KEPT_IN[this.stream], this.writer.position);
      this.pending = batch.pending;
      this.tell(written, batch.storedAtMs);
      if (written.halted || written.needs !== null) return this.rest(written, signal);
      this.error = this.code = null;
      if (!this.active && this.pending === 0) {
        await this.activate();
        this.say(null); // What was committed before it could be read was not said.
      }
    }
  }

  private tell({ changed, parks }: Written, storedAtMs: number): void {
    this.store.clock.isAtLeast(storedAtMs);
    this.lagMs = this.store.clock.ageMs(storedAtMs);
    for (const { unit, value, position, code, detail } of parks)
      this.log('error', `${this.fold.table}: parks the ${unit} ${value} at ${position} (${code}): ${detail}`);
    this.say(changed);
  }

  /** Stands still, with everything that was committed so far to be read, until it is stopped or opened again. */
  private async rest({ needs }: Written, signal: AbortSignal): Promise<void> {
    this.state = needs === null ? 'halted' : 'waiting';
    this.needs = needs?.release ?? null;
    this.pending = Math.max(1, this.pending);
    this.error = standstillOf(needs);
    this.log('error', `${this.fold.table} stands still at ${this.writer.position}: ${this.error}`);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.error = null;
  }

  private async retryQuietly(units: readonly Parked[]): Promise<void> {
    if (units.length === 0 || this.fold.kind === 'rollup' || !this.isKept) return;
    try {
      const { released, parked } = await this.retry(units);
      this.log('info', `${this.fold.table}: ${released} parked units go on, ${parked} stand still`);
    } catch (error) {
      if (!this.stopped) this.log('warn', `${this.fold.table}: parked units could not be folded again: ${messageOf(error)}`);
    }
  }

  private async forget(): Promise<void> {
    if (this.isKept) await forgetOld(this.fold, this.writer.table, this.pool, this.abort.signal, (words) => this.log('warn', words));
  }

  private async activate(): Promise<void> {
    await this.writer.activate();
    if (this.writer.table.dropOthers !== '') await run(this.pool, { text: this.writer.table.dropOthers });
    this.active = true;
  }

  private say(keys: readonly string[] | null): void {
    if (!this.isKept || !this.active) return;
    const { position, parking } = this.writer;
    const how = { table: this.fold.table, stream: this.stream, pending: this.pending, lag_ms: this.lagMs };
    announce(this.store.nc, { ...how, position, log: logOf(this.writer.place.incarnation), parked: parking.size, keys });
  }

  /** To those that stand by, also while the rows are not to be read yet. */
  private sayKept(): void {
    if (this.isKept) announceKept(this.store.nc, this.fold);
  }

  private fail(error: unknown): void {
    reportBrokenLog(this.store.gate, KEPT_IN[this.stream], this.writer.place, error);
    this.state = 'failed';
    const words = messageOf(error);
    if (words !== this.error)
      this.log(error instanceof DatabaseUnavailable ? 'warn' : 'error', `${this.fold.table} stopped at ${this.writer.position}: ${words}`);
    this.error = words;
    this.code = (error as { code?: string }).code ?? null;
  }

  private async refuse(error: TableDiffers): Promise<void> {
    this.fail(error);
    this.state = 'refused';
    do await pause(REFUSED_LOOK_MS, this.abort.signal);
    while (!this.stopped && !(await hasChanged(this.pool, this.writer.table, error)));
  }
}
