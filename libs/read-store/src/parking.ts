import type { Voided } from '@app/event-store';
import { RELEASE } from '@app/kernel';

/** What parks: one row, or, where its key cannot be read, everything that one subject says. */
export interface Unit {
  readonly unit: 'row' | 'subject';
  /** The key of the row, or the subject. */
  readonly value: string;
}

/**
 * A unit of one read model that stands still: one event could not be read, applied or stored. Its row stays what it was before that
 * event; later events of the unit are not applied. A roll-up stops nothing: it leaves out the event and counts it.
 */
export interface Parked extends Unit {
  /** The event that could not be used; of a roll-up the last one. */
  readonly position: number;
  readonly subject: string;
  /** What the event says it is; empty: it does not say. */
  readonly type: string;
  /** `decode.malformed-json`, `fold.threw`, `database.22021` and the like. */
  readonly code: string;
  readonly detail: string;
  /** The release that tried last. */
  readonly release: string;
  /** Events left out; of a projection 0. */
  readonly skipped: number;
}

/** More units than these, newly parked within `WINDOW_MS`, are no bad event but a bug: the projection stops, and nothing is lost. */
export const MAX_NEW_PARKS = 50;
const WINDOW_MS = 600_000;

const idOf = ({ unit, value }: Unit): string => `${unit} ${value}`;

/** The parked units of one fold, in the memory of whoever writes its rows. */
export class Parking {
  private readonly byId = new Map<string, Parked>();
  /** When each new unit was parked, milliseconds on the clock that never jumps. */
  private newlyMs: number[] = [];

  /** `recent`: it was parked within the window before this process took over. */
  load(rows: readonly (Parked & { readonly recent: boolean })[]): void {
    this.byId.clear();
    for (const { recent: _recent, ...parked } of rows) this.byId.set(idOf(parked), parked);
    this.newlyMs = rows.filter(({ recent }) => recent).map(() => performance.now());
  }

  has(unit: Unit['unit'], value: string): boolean {
    return this.byId.size > 0 && this.byId.has(idOf({ unit, value }));
  }

  get size(): number {
    return this.byId.size;
  }

  all(): Parked[] {
    return [...this.byId.values()];
  }

  /** Those of `units` that are parked. */
  amongst(units: readonly Unit[]): Parked[] {
    return this.all().filter((parked) => units.some(({ unit, value }) => unit === parked.unit && value === parked.value));
  }

  /** Units that a voided event had parked. */
  stoppedBy({ subject, position }: Voided): Parked[] {
    return this.all().filter((parked) => parked.subject === subject || parked.position === position);
  }

  /** Units that an earlier release parked: a later one may read what stopped them. */
  ofOtherReleases(): Parked[] {
    return this.all().filter(({ release }) => release !== RELEASE);
  }

  /** How many units may still be parked before the projection stops. */
  get capacity(): number {
    const since = performance.now() - WINDOW_MS;
    this.newlyMs = this.newlyMs.filter((atMs) => atMs > since);
    return Math.max(0, MAX_NEW_PARKS - this.newlyMs.length);
  }

  /** `counted`: these count towards the limit. */
  add(parks: readonly Parked[], counted: number): void {
    for (const parked of parks) {
      const skipped = (this.byId.get(idOf(parked))?.skipped ?? 0) + parked.skipped;
      this.byId.set(idOf(parked), { ...parked, skipped });
    }
    for (let n = 0; n < counted; n++) this.newlyMs.push(performance.now());
  }

  release(units: readonly Unit[]): void {
    for (const unit of units) this.byId.delete(idOf(unit));
  }

  /** An operator or a new release tries again: what was parked before does not count any more. */
  forgive(): void {
    this.newlyMs = [];
  }
}
