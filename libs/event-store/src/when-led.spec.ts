import { MemoryMarks } from '@app/event-store/testing';
import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { DEFAULT_SIZES, EventStore, setUpEventStore } from '@app/event-store';
import { type TestCluster, startTestCluster } from '@app/runtime/testing';
import { whenLed } from './when-led.js';

const SIZES = { ...DEFAULT_SIZES, replicas: 3 };

it('asks again when a stream that was not listed is there after all', async () => {
  const exists = { code: 400, err_code: 10058, description: 'stream name already in use with a different configuration' };
  let asked = 0;
  const ask = async () => {
    if (asked++ === 0) throw new JetStreamApiError(exists);
    return 'set up';
  };
  expect(await whenLed({ isClosed: () => false } as NatsConnection, ask, () => undefined)).toBe('set up');
  expect(asked).toBe(2);
});

describe('a cluster without a majority', () => {
  let cluster: TestCluster;
  beforeEach(async () => void (cluster = await startTestCluster()), 60_000);
  afterEach(() => cluster.stop());

  /** Words that were said, and a promise of the first. */
  function ear(): { said: string[]; first: Promise<void>; say: (words: string) => void } {
    const said: string[] = [];
    const first = Promise.withResolvers<void>();
    return { said, first: first.promise, say: (words) => (said.push(words), first.resolve()) };
  }

  it('waits aloud for a leader, in the set-up and where the log is opened, and goes on once there is one', async () => {
    const access = { ...cluster.access, name: 'test' };
    const [, second, third] = cluster.nodes;
    await Promise.all([second?.kill(), third?.kill()]);
    const marks = new MemoryMarks();
    const setUp = ear();
    const settingUp = setUpEventStore(access, SIZES, marks, setUp.say);
    await setUp.first;
    expect(setUp.said).toEqual([expect.stringMatching(/^NATS has no leader that answers: waiting for a majority of its servers/)]);
    await Promise.all([second?.restart(), third?.restart()]);
    const identity = await settingUp;
    expect(setUp.said).toHaveLength(1);

    await Promise.all([second?.kill(), third?.kill()]);
    const open = ear();
    const opening = EventStore.open(access, [], SIZES, marks, open.say);
    await open.first;
    await Promise.all([second?.restart(), third?.restart()]);
    const store = await opening;
    expect({ ...store.identity, trouble: null }).toEqual(identity);
    await store.close();
  }, 120_000);

  it('says where it waits for a server that does not answer at all', async () => {
    const [first] = cluster.nodes;
    await first?.kill();
    const { say, first: heard, said } = ear();
    const url = `nats://127.0.0.1:${first?.port}`;
    const settingUp = setUpEventStore({ servers: url, name: 'test' }, SIZES, new MemoryMarks(), say);
    await heard;
    expect(said).toEqual([`NATS at ${url} does not answer: waiting for it ...`]);
    await first?.restart();
    const nc = await connect({ ...cluster.access });
    expect(await settingUp).toMatchObject({
      instance_id: (await (await jetstreamManager(nc)).streams.info('FACTS')).config.metadata?.['instance_id'],
    });
    await nc.close();
  }, 120_000);
});
