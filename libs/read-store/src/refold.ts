import { type AnyFold, RELEASE } from '@app/kernel';
import type { EventStore, RawMessage } from '@app/event-store';
import type { Parked, Unit } from './parking.js';
import { type ModelWriter, codeOf, isDataError } from './model-writer.js';
import type { Row } from './row-cache.js';
import { KEPT_IN } from './streams-read.js';

/** What became of a retry. */
export interface Retried {
  /** Units that go on. */
  readonly released: number;
  /** Units that stand still again, at the event they stood at or at another one. */
  readonly parked: number;
  /** The keys of the rows that were written. */
  readonly changed: readonly string[];
}

/** Lets one thing be done to a model at a time. */
type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

const idOf = ({ unit, value }: Unit): string => `${unit} ${value}`;
const NOTHING_UNSTORABLE = new Map<number, never>();

/**
 * Folds the rows of parked units again, from all their subjects, from the first event to the checkpoint. Live events go on meanwhile: only
 * what they added is folded while the model stands still.
 */
export class Refold {
  private readonly retried: ReadonlyMap<string, Parked>;
  private readonly keys = new Set<string>();
  private readonly rows = new Map<string, Row | undefined>();
  private readonly stopped = new Map<string, Parked>();

  constructor(
    private readonly fold: AnyFold,
    private readonly store: EventStore,
    private readonly writer: ModelWriter,
    units: readonly Parked[],
    private readonly signal: AbortSignal,
  ) {
    this.retried = new Map(units.map((unit) => [idOf(unit), unit]));
  }

  /** Throws what the log and PostgreSQL throw, `NeedsRelease`, and `TakenOver`. */
  async run(exclusively: Exclusively): Promise<Retried> {
    await this.findKeys();
    const reached = this.writer.position;
    await this.scan(0, reached);
    return exclusively(async () => {
      await this.scan(reached, this.writer.position);
      return this.write();
    });
  }

  private async findKeys(): Promise<void> {
    const units = [...this.retried.values()];
    for (const { unit, value } of units) if (unit === 'row') this.keys.add(value);
    const subjects = units.filter(({ unit }) => unit === 'subject').map(({ value }) => value);
    if (subjects.length > 0) await this.each({ subjects, after: 0, upTo: this.writer.position }, (messages) => this.addKeys(messages));
  }

  private addKeys(messages: readonly RawMessage[]): void {
    for (const { key } of this.writer.batches.read(messages, NOTHING_PARKED).steps) this.keys.add(key);
  }

  private scan(after: number, upTo: number): Promise<void> {
    return this.each({ subjects: this.writer.batches.subjects, after, upTo }, (messages) => this.take(messages));
  }

  private async each(
    range: { subjects: readonly string[]; after: number; upTo: number },
    take: (messages: readonly RawMessage[]) => void,
  ): Promise<void> {
    const [first] = this.fold.reads;
    const stream = ({ fact: 'facts', call: 'calls', telemetry: 'telemetry' } as const)[first?.kind ?? 'fact'];
    for await (const messages of this.store.scan({ ...range, stream: KEPT_IN[stream] }, this.signal)) take(messages);
  }

  private take(messages: readonly RawMessage[]): void {
    const { parking, batches } = this.writer;
    const has = (unit: Unit['unit'], value: string): boolean => {
      const id = idOf({ unit, value });
      return this.stopped.has(id) || (parking.has(unit, value) && !this.retried.has(id));
    };
    const { steps, parks, needs } = batches.read(messages, { has });
    if (needs !== null) throw new NeedsRelease(needs.release, needs.type);
    for (const parked of parks) this.stopped.set(idOf(parked), parked);
    const folded = batches.apply(
      steps.filter(({ key }) => this.keys.has(key)),
      (key) => this.rows.get(key),
      NOTHING_UNSTORABLE,
    );
    for (const [key, row] of folded.rows) this.rows.set(key, row);
    for (const parked of folded.parks) this.stopped.set(idOf(parked), parked);
  }

  private async write(): Promise<Retried> {
    for (const key of this.keys) if (!this.rows.has(key)) this.rows.set(key, undefined); // No event makes it any more.
    const rows = new Map(
      [...this.rows].filter(([key]) => !this.writer.parking.has('row', key) || this.retried.has(idOf({ unit: 'row', value: key }))),
    );
    const parks = [...this.stopped.values()];
    const released = [...this.retried.values()].filter((unit) => !this.stopped.has(idOf(unit)));
    try {
      const changed = await this.writer.replace(rows, { parks, released });
      return { released: released.length, parked: parks.length, changed };
    } catch (error) {
      if (!isDataError(error)) throw error;
      return this.writeEach(rows, parks, released);
    }
  }

  /** One row at a time: those that PostgreSQL refuses stay as they are, and parked. */
  private async writeEach(
    rows: ReadonlyMap<string, Row | undefined>,
    parks: readonly Parked[],
    released: readonly Parked[],
  ): Promise<Retried> {
    const refused: Parked[] = [];
    const changed: string[] = [];
    for (const [key, row] of rows) {
      try {
        changed.push(...(await this.writer.replace(new Map([[key, row]]), { parks: [], released: [] })));
      } catch (error) {
        if (!isDataError(error)) throw error;
        const unit = this.retried.get(idOf({ unit: 'row', value: key })) ?? [...this.retried.values()][0];
        if (unit !== undefined)
          refused.push({ ...unit, unit: 'row', value: key, code: codeOf(error), detail: error.message, release: RELEASE });
      }
    }
    const still = new Set([...parks, ...refused].map(idOf));
    const free = released.filter((unit) => !still.has(idOf(unit)));
    await this.writer.replace(new Map(), { parks: [...parks, ...refused], released: free });
    return { released: free.length, parked: still.size, changed };
  }
}

const NOTHING_PARKED = { has: () => false };

/** An event of a newer release is among those to be folded. */
export class NeedsRelease extends Error {
  readonly code = 'read-store.needs-release';

  constructor(release: string, type: string) {
    super(`An event ${type} of release ${release} is in the way; upgrade this process.`);
  }
}
