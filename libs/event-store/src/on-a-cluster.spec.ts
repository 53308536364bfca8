import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { DEFAULT_SIZES, EventStore, setUpEventStore } from '@app/event-store';
import { MemoryMarks, SERVERS_ENV, add, shelf } from '@app/event-store/testing';
import { Position } from '@app/kernel';
import { type TestCluster, startTestCluster } from '@app/runtime/testing';
import type { RawMessage } from './envelope.js';

/** What holds on one server holds on three. */
process.env[SERVERS_ENV] = '3';
await import('./event-store.spec.js');
await import('./ports.spec.js');

const SIZES = { ...DEFAULT_SIZES, replicas: 3 };
const FAILOVER_MS = 30_000;

describe('when one of three servers is killed', () => {
  let cluster: TestCluster;
  let store: EventStore;
  let marks: MemoryMarks;
  beforeEach(async () => {
    cluster = await startTestCluster();
    const access = { ...cluster.access, name: 'test' };
    marks = new MemoryMarks();
    await setUpEventStore(access, SIZES, marks);
    store = await EventStore.open(access, Object.values(shelf), SIZES, marks);
  });
  afterEach(async () => {
    await store.nc.close();
    await cluster.stop();
  });

  const kill = (server: string | undefined): Promise<void> => cluster.nodes.find(({ name }) => name === server)!.kill();
  /** The same command until it is known to be carried out; where. */
  async function put(id: string): Promise<number> {
    const command = { data: { id, n: 1 }, actor: 'token:test', commandId: randomUUID() };
    for (const end = performance.now() + FAILOVER_MS; ;) {
      try {
        const done = await store.commands.handle(add, command);
        if ('position' in done) return Position.parse(done.position).of('facts') ?? 0;
      } catch (error) {
        if (performance.now() > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50)); // Between two questions to servers that have no leader yet.
    }
  }

  /** Reads until `enough`, or until it is told to stop: every message in the order of its coming. */
  async function read(enough: (heard: readonly RawMessage[]) => boolean, signal = new AbortController().signal): Promise<RawMessage[]> {
    const heard: RawMessage[] = [];
    const from = { stream: 'FACTS', after: 0, incarnation: store.identity.incarnation, dense: true };
    for await (const { messages } of store.consume(from, signal)) {
      heard.push(...messages);
      if (enough(heard)) break;
    }
    return heard;
  }

  /** A reader whose consumer is on another server than its connection is to, and which: servers place consumers as they like. */
  async function readerOf(
    count: number,
    known: readonly string[] = [],
  ): Promise<{ readInProgress: Promise<RawMessage[]>; server: string }> {
    const begun = Promise.withResolvers<void>();
    const stop = new AbortController();
    const readInProgress = read((heard) => (begun.resolve(), heard.length === count), stop.signal);
    await begun.promise;
    const consumers = await (await jetstreamManager(store.nc)).consumers.list('FACTS').next();
    const server = consumers.find(({ name }) => !known.includes(name))?.cluster?.leader;
    if (server !== undefined && server !== store.nc.info?.server_name) return { readInProgress, server };
    stop.abort();
    await readInProgress;
    return readerOf(
      count,
      consumers.map(({ name }) => name),
    );
  }

  it('a reader goes on whose consumer was there, though its connection is to another', async () => {
    await put('before');
    const { readInProgress, server } = await readerOf(2);
    await kill(server);
    await put('after');
    expect((await readInProgress).map(({ seq }) => seq)).toEqual([1, 2]);
  }, 90_000);

  it('answers that facts can be written only while a majority is there', async () => {
    const answers = async (wanted: boolean): Promise<void> => {
      for (const end = performance.now() + FAILOVER_MS; (await store.answers()) !== wanted;) {
        if (performance.now() > end) throw new Error(`the log does not answer ${wanted}`);
        await new Promise((resolve) => setTimeout(resolve, 100)); // Between two looks.
      }
    };
    await answers(true);
    const leader = (await store.info('FACTS')).cluster?.leader;
    const others = cluster.nodes.filter(({ name }) => name !== leader);
    await others[0]?.kill();
    await put('by-two'); // A majority is left.
    await answers(true);
    await others[1]?.kill();
    await answers(false);
    await others[0]?.restart();
    await answers(true);
    await put('by-two-again');
  }, 120_000);

  it('finds an append that is sent again while the first attempt is still on its way through the group', async () => {
    const leader = (await store.info('FACTS')).cluster?.leader;
    const others = cluster.nodes.filter(({ name }) => name !== leader);
    const access = { servers: [`nats://127.0.0.1:${cluster.nodes.find(({ name }) => name === leader)!.port}`], name: 'test' };
    const atLeader = await EventStore.open(access, Object.values(shelf), SIZES, marks);
    const sentTwice = new Promise<void>((resolve) => {
      let sent = 0;
      atLeader.nc.subscribe('facts.test.thing.a', { callback: () => void (++sent === 2 && resolve()) });
    });
    try {
      for (const { pid } of others) process.kill(pid(), 'SIGSTOP');
      const appending = atLeader.commands.handle(add, { data: { id: 'a', n: 1 }, actor: 'token:test' });
      const early = appending.then(
        () => new Error('acknowledged by one server of three'),
        (error: unknown) => error,
      );
      await Promise.race([sentTwice, early.then((error) => Promise.reject(error as Error))]);
      await atLeader.nc.flush(); // What the leader answers to the second attempt comes before the answer to this.
      for (const { pid } of others) process.kill(pid(), 'SIGCONT');
      expect(await appending).toEqual({ position: expect.stringMatching(/^f1~/) });
    } finally {
      for (const { pid } of others) process.kill(pid(), 'SIGCONT');
      await atLeader.close();
    }
  }, 90_000);

  it('whatever was acknowledged is there, once, in its place', async () => {
    const jsm = await jetstreamManager(store.nc);
    const before = await put('first');
    const ids = Array.from({ length: 200 }, (_, i) => `t${i}`);
    const putting = ids.map(async (id, i) => {
      if (i === 100) await kill((await jsm.streams.info('FACTS')).cluster?.leader);
      return [id, await put(id)] as const;
    });
    const acknowledged = await Promise.all(putting);
    const last = Math.max(...acknowledged.map(([, position]) => position));
    const heard = await read((all) => all.at(-1)!.seq >= last);
    const where = new Map(heard.map(({ subject, seq }) => [subject.replace('facts.test.thing.', ''), seq]));
    expect(heard).toHaveLength(ids.length + before);
    expect(where).toEqual(new Map([['first', before], ...acknowledged]));
  }, 90_000);
});
