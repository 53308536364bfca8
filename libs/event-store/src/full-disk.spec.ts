import { randomUUID } from 'node:crypto';
import { DEFAULT_SIZES, EventStore, LogFull, setUpEventStore } from '@app/event-store';
import { add, put, shelf, MemoryMarks } from '@app/event-store/testing';
import { natsDiskFull } from '@app/runtime';
import { type NatsOnDisk, type SmallDisk, smallDisk, startNatsOn } from '@app/runtime/testing';

const MIB = 64;
/** The promise is a minute; a busy machine gets more. */
const RECOVERED_MS = 90_000;
const probe = smallDisk(1);
await probe?.remove();
/** Without the right to mount there is no disk to fill: see test/skips.json. */
const onSmallDisk = probe === undefined ? describe.skip : describe;

onSmallDisk('a full disk under NATS', () => {
  let disk: SmallDisk;
  let nats: NatsOnDisk;
  let marks: MemoryMarks;
  let store: EventStore;
  const open = async (watched: { dir?: string }): Promise<void> => {
    const access = { ...nats.access, name: 'test', disk: () => natsDiskFull({ ...watched, monitorUrl: nats.monitorUrl }) };
    await setUpEventStore(access, DEFAULT_SIZES, marks);
    store = await EventStore.open(access, Object.values(shelf), DEFAULT_SIZES, marks);
  };
  beforeEach(async () => {
    marks = new MemoryMarks();
    disk = smallDisk(MIB)!;
    nats = await startNatsOn(disk);
  }, 60_000);
  afterEach(async () => {
    await store.close();
    await nats.stop();
    await disk.remove();
  });

  const acknowledged = new Set<string>();
  const putOne = async (): Promise<void> => {
    const id = `t-${randomUUID()}`;
    await store.commands.handle(add, { data: { id, n: 1 }, actor: 'token:test' });
    acknowledged.add(`facts.test.thing.${id}`);
  };
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (const end = performance.now() + RECOVERED_MS; !(await isSo());) {
      if (performance.now() > end) throw new Error('it does not become so');
      await new Promise((resolve) => setTimeout(resolve, 50)); // Between two looks.
    }
  };
  const thrown = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );
  const isFull = expect.objectContaining({ code: 'event-store.disk-full', message: expect.stringMatching(/^The disk of NATS is full/) });
  const stored = async (): Promise<string[]> => {
    const subjects: string[] = [];
    const { state } = await store.info('FACTS');
    const from = { stream: 'FACTS', after: 0, incarnation: store.identity.incarnation, dense: true };
    for await (const { messages } of store.consume(from, new AbortController().signal)) {
      subjects.push(...messages.map(({ subject }) => subject));
      if (messages.at(-1)?.seq === state.last_seq) break;
    }
    return subjects.sort();
  };

  it('refuses everything with its code, stores nothing of it, and ends by itself with a server that has to be restarted', async () => {
    await open({});
    acknowledged.clear();
    await putOne();
    disk.fill();
    let refused: unknown;
    while (refused === undefined) refused = await thrown(putOne()); // The last bytes of a block may still be taken.
    expect(refused).toBeInstanceOf(LogFull);
    expect(refused).toEqual(isFull);
    expect(await thrown(putOne())).toEqual(isFull);
    expect(await thrown(store.calls.record(put('a'), { actor: 'a', id: randomUUID(), timeoutMs: 5_000 }))).toEqual(isFull);
    expect(await thrown(store.telemetry.keep(put('a'), 'a', 5_000))).toEqual(isFull);
    expect(await thrown(store.nonces.first('a nonce'))).toEqual(isFull);
    expect(await store.failing()).toBe('nats-disk-full');

    disk.free();
    await until(async () => (await store.failing()) === null);
    expect(nats.restarts()).toBe(1);
    await putOne();
    expect(await stored()).toEqual([...acknowledged].sort());
  }, 180_000);

  it('is seen before NATS meets it, so that nothing has to be restarted', async () => {
    await open({ dir: disk.path });
    acknowledged.clear();
    await putOne();
    disk.fill();
    await until(async () => (await store.failing()) === 'nats-disk-full');
    expect(await thrown(putOne())).toEqual(isFull);
    disk.free();
    await until(async () => (await store.failing()) === null);
    await putOne();
    expect(nats.restarts()).toBe(0);
    expect(await stored()).toEqual([...acknowledged].sort());
  }, 180_000);
});
