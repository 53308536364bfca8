import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { DEFAULT_SIZES, EventStore, type StreamSizes, setUpEventStore } from '@app/event-store';
import type { EventClass } from '@app/kernel';
import { type TestNats, startTestCluster, startTestNats } from '@app/runtime/testing';
import { MemoryMarks } from './memory-marks.js';
import { shelf } from './item.js';

export interface TestLog {
  readonly nats: Pick<TestNats, 'access' | 'kill' | 'restart' | 'stop'>;
  /** What the streams were set up with. */
  readonly sizes: StreamSizes;
  readonly store: EventStore;
  /** What is known of the log outside it. */
  readonly marks: MemoryMarks;
  stop(): Promise<void>;
}

/** Set to 3, every log of a test is on a cluster of three servers, and it is the leader of FACTS that is killed there. */
export const SERVERS_ENV = 'CLAWBUTLER_TEST_LOG_SERVERS';

/** A set-up log on a server of its own, or on a cluster. */
export async function openTestLog(events: readonly EventClass[] = Object.values(shelf)): Promise<TestLog> {
  const replicas = Number(process.env[SERVERS_ENV] ?? 1);
  const sizes = { ...DEFAULT_SIZES, replicas };
  const nats = replicas === 1 ? await startTestNats() : await cluster();
  const access = { ...nats.access, name: 'test' };
  const marks = new MemoryMarks();
  await setUpEventStore(access, sizes, marks);
  const store = await EventStore.open(access, events, sizes, marks);
  const stop = async (): Promise<void> => {
    await store.gate.close();
    await store.nc.close();
    await nats.stop();
  };
  return { nats, sizes, store, marks, stop };
}

async function cluster(): Promise<TestLog['nats']> {
  const { access, nodes, ...started } = await startTestCluster();
  const leaders = async (): Promise<(string | undefined)[]> => {
    const nc = await connect({ ...access });
    try {
      const all = await (await jetstreamManager(nc)).streams.list().next();
      return all.sort((a, b) => Number(b.config.name === 'FACTS') - Number(a.config.name === 'FACTS')).map((info) => info.cluster?.leader);
    } finally {
      await nc.close();
    }
  };
  return {
    access,
    kill: async () => {
      const [leader] = await leaders();
      await nodes.find(({ name }) => name === leader)?.kill();
    },
    restart: async () => {
      await nodes.find(({ pid }) => pid() === 0)?.restart();
      while ((await leaders()).some((leader) => leader === undefined));
    },
    stop: () => started.stop(),
  };
}
