import { EventStore } from '@app/event-store';
import { DEFAULT_SIZES, setUpEventStore } from '@app/event-store';
import type { EventClass } from '@app/kernel';
import { type TestNats, startTestNats } from '@app/runtime/testing';
import { shelf } from './thing.js';

export interface TestLog {
  readonly nats: TestNats;
  readonly store: EventStore;
  stop(): Promise<void>;
}

/** A set-up log on a server of its own. */
export async function openTestLog(events: readonly EventClass[] = Object.values(shelf)): Promise<TestLog> {
  const nats = await startTestNats();
  const access = { ...nats.access, name: 'test' };
  await setUpEventStore(access, DEFAULT_SIZES);
  const store = await EventStore.open(access, events, DEFAULT_SIZES);
  const stop = async (): Promise<void> => {
    await store.nc.close();
    await nats.stop();
  };
  return { nats, store, stop };
}
