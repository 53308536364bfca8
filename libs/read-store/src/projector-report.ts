import type { Stream } from '@app/kernel';
import type { Needed } from './fold-batch.js';
import type { Building, Rebuilt } from './rebuild.js';

/**
 * `starting`  claims its checkpoint
 * `running`   folds what comes; caught up or not
 * `waiting`   met an event of a newer release; goes on after the upgrade
 * `halted`    parked more rows at once than bad events explain; goes on after a retry or a restart
 * `standby`   another process has the checkpoint; takes it over when that one falls silent
 * `refused`   its table is not what this process declares; waits until a restart, or until the table is another
 * `failed`    says why; tries again with back-off. `stopped` by `stop()`.
 */
export type ProjectorState = 'starting' | 'running' | 'waiting' | 'halted' | 'standby' | 'refused' | 'failed' | 'stopped';

export interface ProjectorReport {
  readonly table: string;
  readonly version: number;
  readonly state: ProjectorState;
  readonly stream: Stream;
  readonly position: number;
  /** Whether its rows are the ones that are read. */
  readonly isReadable: boolean;
  /** Why it does not go on; null: it does. */
  readonly error: string | null;
  /** The code of the error, where it has one: `read-store.table-differs`. */
  readonly code: string | null;
  /** The release whose events it waits for; null: none. */
  readonly needs_release: string | null;
  readonly parked: number;
  /** A rebuild under way; null: none. */
  readonly building: Building | null;
  /** The last rebuild that ended in this process; null: none. */
  readonly rebuilt: Rebuilt | null;
}

/** A roll-up cannot be folded again: what it was made of is gone. */
export class NotFoldedAgain extends Error {
  readonly code = 'read-store.roll-up';

  constructor(table: string) {
    super(`${table} is a roll-up: the telemetry it was made of is gone, so its rows cannot be folded again.`);
  }
}

/** This process does not keep the model just now. */
export class NotKept extends Error {
  readonly code = 'read-store.not-kept';
}

/** Why a model stands still: an event needs a newer release, or (`needs` null) too many rows were parked. */
export const standstillOf = (needs: Needed | null): string =>
  needs === null
    ? 'Too many rows were parked within ten minutes: this is a bug of this release, not a bad event. Nothing is lost; upgrade, then retry.'
    : `The event ${needs.type} at ${needs.position} needs release ${needs.release} or newer.`;
