import type { NatsConnection } from '@nats-io/transport-node';
import { pause } from '@app/event-store';
import type { AnyFold } from '@app/kernel';
import { hearKept } from './announce.js';

/** A projector that was taken over waits until the other has been silent for this time. */
const SILENT_MS = 10_000;
/** The one that keeps a model says so once a second. */
const LOOK_MS = 1_000;

/** Resolves when nobody was heard any more to keep this model, or when `signal` aborts. */
export async function unavailabilityOf(nc: NatsConnection, fold: AnyFold, signal: AbortSignal): Promise<void> {
  let heardAt = performance.now();
  const hearing = hearKept(nc, fold, () => (heardAt = performance.now()));
  while (!signal.aborted && performance.now() - heardAt < SILENT_MS) await pause(LOOK_MS, signal);
  hearing.unsubscribe();
}
