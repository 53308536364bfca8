import { type AnyFold, RELEASE, plainText, messageOf } from '@app/kernel';
import { type EventStore, type RawMessage, type Recorded, typeOf } from '@app/event-store';
import type { Parked, Parking, Unit } from './parking.js';
import type { Row } from './row-cache.js';

/** One event that a fold reads, and the row it changes. */
export interface Step {
  readonly event: Recorded;
  readonly key: string;
}

/** An event of a newer release. The projection waits at it for the upgrade. */
export interface Needed {
  readonly position: number;
  readonly release: string;
  readonly type: string;
}

/** What a batch says to one fold, before any row is looked at. */
export interface Readable {
  readonly steps: readonly Step[];
  /** What could not be read. */
  readonly parks: readonly Parked[];
  /** The last position that was read; the one before `needs`, when that is there. */
  readonly position: number;
  readonly needs: Needed | null;
}

/** Why PostgreSQL, or JSON, would not take the row that an event made. */
export interface Unstorable {
  readonly code: string;
  readonly detail: string;
}

/** Rows of a batch: what they were, what they become, and which stand still. */
export interface Folded {
  readonly rows: ReadonlyMap<string, Row | undefined>;
  readonly parks: readonly Parked[];
}

const MAX_DETAIL = 500;
const aggregateOf = (type: string): string => type.slice(0, type.lastIndexOf('.'));
/** `facts.federation.peer.lisbon` is of `federation.peer`. */
const aggregateIn = (subject: string): string => subject.slice(subject.indexOf('.') + 1, subject.lastIndexOf('.'));
/** Reads messages and folds events for one read model. Pure but for the decoder it asks; it writes nothing. */
export class BatchFold {
  private readonly wanted: ReadonlySet<string>;
  private readonly aggregates: ReadonlySet<string>;

  constructor(
    private readonly fold: AnyFold,
    private readonly store: Pick<EventStore, 'decoder' | 'catalogue'>,
    private readonly parking: Pick<Parking, 'has'>,
  ) {
    this.wanted = new Set(fold.reads.map(({ type }) => type));
    this.aggregates = new Set(fold.reads.map(({ type }) => aggregateOf(type)));
  }

  /** Where the aggregates stand that this fold reads, for a reader that filters. */
  get subjects(): string[] {
    const [first] = this.fold.reads;
    const stream = { fact: 'facts', call: 'calls', telemetry: 'telemetry' }[first?.kind ?? 'fact'];
    return [...this.aggregates].map((aggregate) => `${stream}.${aggregate}.*`);
  }

  /** `parking`: the units to pass over; those of a retry are not among them. */
  read(messages: readonly RawMessage[], parking: Pick<Parking, 'has'> = this.parking): Readable {
    const steps: Step[] = [];
    const parks = new Map<string, Parked>();
    let position = 0;
    for (const message of messages) {
      const said = this.isForThis(message) ? this.step(message, parking, parks) : undefined;
      if (said !== undefined && 'release' in said) return { steps, parks: [...parks.values()], position, needs: said };
      if (said !== undefined) steps.push(said);
      position = message.seq;
    }
    return { steps, parks: [...parks.values()], position, needs: null };
  }

  /** A type that this fold reads, or something on an aggregate it reads that no class here describes. */
  private isForThis(message: RawMessage): boolean {
    const { type } = typeOf(message);
    if (this.wanted.has(type)) return true;
    return (type === '' || this.store.catalogue.get(type) === undefined) && this.aggregates.has(aggregateIn(message.subject));
  }

  private step(message: RawMessage, parking: Pick<Parking, 'has'>, parks: Map<string, Parked>): Step | Needed | undefined {
    const { subject } = message;
    if (this.fold.kind === 'projection' && (parks.has(subject) || parking.has('subject', subject))) return undefined;
    const decoded = this.store.decoder.decode(message);
    const park = (code: string, detail: string): undefined => {
      const skipped = (parks.get(subject)?.skipped ?? 0) + this.skips;
      const at = { position: message.seq, subject, type: typeOf(message).type };
      parks.set(subject, parked({ unit: 'subject', value: subject }, at, { code, detail }, skipped));
    };
    switch (decoded.is) {
      case 'voided':
        return undefined;
      case 'newer':
        return { position: message.seq, release: decoded.release, type: decoded.type };
      case 'unreadable':
        return park(decoded.code, decoded.detail);
      case 'event':
        return this.keyed(decoded.event, parking, park);
    }
  }

  private keyed(event: Recorded, parking: Pick<Parking, 'has'>, park: (code: string, detail: string) => undefined): Step | undefined {
    try {
      const key: unknown = this.fold.key(event);
      if (typeof key !== 'string') return park('fold.no-key', `Its row has no key but ${String(key)}.`);
      return parking.has('row', key) && this.fold.kind === 'projection' ? undefined : { event, key };
    } catch (error) {
      return park('fold.threw', messageOf(error));
    }
  }

  /** `unstorable`: events that made a row which cannot be stored, by position. */
  apply(steps: readonly Step[], before: (key: string) => Row | undefined, unstorable: ReadonlyMap<number, Unstorable>): Folded {
    const rows = new Map<string, Row | undefined>();
    const parks = new Map<string, Parked>();
    for (const { event, key } of steps) {
      if (parks.has(key) && this.fold.kind === 'projection') continue;
      const row = rows.has(key) ? rows.get(key) : before(key);
      const next = this.next(row, event, unstorable.get(event.position));
      if ('row' in next) rows.set(key, next.row);
      else {
        if (!rows.has(key)) rows.set(key, row);
        const skipped = (parks.get(key)?.skipped ?? 0) + this.skips;
        parks.set(key, parked({ unit: 'row', value: key }, event, next, skipped));
      }
    }
    return { rows, parks: [...parks.values()] };
  }

  private next(row: Row | undefined, event: Recorded, unstorable: Unstorable | undefined): { row: Row | undefined } | Unstorable {
    if (unstorable !== undefined) return unstorable;
    try {
      return { row: (this.fold.apply(row, event) as Row | null) ?? undefined };
    } catch (error) {
      return { code: 'fold.threw', detail: messageOf(error) };
    }
  }

  /** A roll-up leaves out one event and goes on with the next. */
  private get skips(): number {
    return this.fold.kind === 'rollup' ? 1 : 0;
  }
}

type At = Pick<Parked, 'position' | 'subject' | 'type'>;

const parked = (unit: Unit, { position, subject, type }: At, { code, detail }: Unstorable, skipped: number): Parked => ({
  unit: unit.unit,
  value: storable(unit.value),
  position,
  subject: storable(subject),
  type: storable(type),
  code,
  detail: plainText(detail, MAX_DETAIL),
  release: RELEASE,
  skipped,
});

/** PostgreSQL keeps no NUL in a text. */
const storable = (text: string): string => text.toWellFormed().replaceAll('\0', '\uFFFD');
