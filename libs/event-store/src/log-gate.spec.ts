import { randomUUID } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { type AddressInfo, type Socket, connect as connectTo, createServer } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { DEFAULT_SIZES, EventStore, type KeptStream, LogRefused, LogUnavailable, setUpEventStore } from '@app/event-store';
import { Lifted, MemoryMarks, type ItemId, hearing, put, shelf } from '@app/event-store/testing';
import { type Instant, Position, asId, newEvent } from '@app/kernel';
import { type TestNats, startTestNats } from '@app/runtime/testing';

const at = '2026-02-01T12:00:00.000Z' as Instant;
const CONDITION_MS = 20_000;

let nats: TestNats;
let marks: MemoryMarks;
const open_: EventStore[] = [];
beforeEach(async () => {
  nats = await startTestNats();
  marks = new MemoryMarks();
  await setUp();
});
afterEach(async () => {
  await Promise.all(open_.splice(0).map((store) => store.close()));
  await nats.stop();
});

const setUp = () => setUpEventStore({ ...nats.access, name: 'set-up' }, DEFAULT_SIZES, marks);
async function open(known = marks): Promise<EventStore> {
  const store = await EventStore.open({ ...nats.access, name: 'test' }, Object.values(shelf), DEFAULT_SIZES, known);
  open_.push(store);
  return store;
}

let items = 0;
/** One fact of a new thing; answers where it is. */
async function append(store: EventStore): Promise<number> {
  const event = put(`t${++items}`);
  const appended = await store.appender.append({
    ...{ commandId: randomUUID(), actor: 'token:test', at },
    ...{ events: [event], expected: new Map([[event.subject, 0]]) },
  });
  if (appended.outcome !== 'committed') throw new Error(appended.outcome);
  return appended.position;
}
const appendMany = async (store: EventStore, count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await append(store);
};
const call = (store: EventStore): Promise<string> =>
  store.calls.record({ ...put(`c${++items}`), subject: 'calls.test.call.one' }, { actor: 'test', id: randomUUID(), timeoutMs: 2_000 });
const lift = (store: EventStore): Promise<string> =>
  store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>('a'), height: 1 }), 'test', 2_000);

/** What the server keeps now; answers how to put it back, under clients that stay connected. */
async function copy(): Promise<(stream?: KeptStream) => Promise<void>> {
  await nats.kill();
  const kept = `${nats.storeDir}.kept`;
  rmSync(kept, { recursive: true, force: true });
  cpSync(nats.storeDir, kept, { recursive: true });
  await nats.restart();
  return async (stream) => {
    await nats.kill();
    const below = stream === undefined ? '' : `/jetstream/$G/streams/${stream}`;
    rmSync(`${nats.storeDir}${below}`, { recursive: true });
    cpSync(`${kept}${below}`, `${nats.storeDir}${below}`, { recursive: true });
    await nats.restart();
  };
}

/** A network that keeps what the server says until it is released: a client that dials is not connected yet, and buffers what it writes. */
async function slowNetwork() {
  const upstreamPort = Number(new URL([nats.access.servers].flat()[0] ?? '').port);
  let isHeld = false;
  const kept: (() => void)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTo(upstreamPort, '127.0.0.1');
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      // prettier-ignore
      sockets.add(one);
      one.on('error', () => one.destroy()).on('close', () => (sockets.delete(one), other.destroy()));
    }
    client.on('data', (bytes) => void upstream.write(bytes));
    upstream.on('data', (bytes) => (isHeld ? kept.push(() => client.write(bytes)) : client.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold: () => void (isHeld = true),
    isWaitedFor: () => kept.length > 0,
    release: () => {
      isHeld = false;
      for (const say of kept.splice(0)) say();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + CONDITION_MS; !(await isSo());) {
    if (performance.now() > end) throw new Error(`not within ${CONDITION_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const marked = (stream: KeptStream, sequence: number) =>
  until(`the mark of ${stream} is at ${sequence}`, () => marks.record?.streams[stream].mark.sequence === sequence);

describe('the set-up', () => {
  it('writes one identity to the marks and to each stream', async () => {
    const store = await open();
    for (const stream of ['FACTS', 'CALLS', 'TELEMETRY'] as const) {
      const { instance_id, incarnation, marked: isMarked } = (await store.info(stream)).config.metadata ?? {};
      expect({ instance_id, incarnation, isMarked }).toEqual({
        instance_id: marks.record?.instance_id,
        incarnation: marks.record?.streams[stream].incarnation,
        isMarked: '1',
      });
    }
  });

  it('takes identity and marks of an earlier release from what is there', async () => {
    const before = await open();
    await appendMany(before, 3);
    const jsm = await jetstreamManager(before.nc);
    const { instance_id = '', incarnation = '' } = (await before.info('FACTS')).config.metadata ?? {};
    await jsm.streams.update('FACTS', { metadata: { instance_id, incarnation } });
    for (const stream of ['CALLS', 'TELEMETRY']) await jsm.streams.update(stream, { metadata: {} });
    marks = new MemoryMarks();
    expect(await setUp()).toEqual({ instance_id, incarnation, trouble: null });
    expect(marks.record?.streams.FACTS).toMatchObject({
      incarnation,
      mark: { sequence: 3, message: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    });
    expect(marks.record?.streams.CALLS.incarnation).toBe(incarnation);
    await append(await open());
  });

  it('finds at an upgrade that readers went further than the log', async () => {
    const before = await open();
    await appendMany(before, 3);
    const jsm = await jetstreamManager(before.nc);
    const { instance_id = '', incarnation = '' } = (await before.info('FACTS')).config.metadata ?? {};
    await jsm.streams.update('FACTS', { metadata: { instance_id, incarnation } });
    marks = new MemoryMarks();
    marks.read_ = { FACTS: 5 };
    await setUp();
    await expect(append(await open())).rejects.toMatchObject({ code: 'log.rewound', message: expect.stringContaining('ends at 3') });
  });

  it('makes no stream where an identity is known and the log is gone', async () => {
    await (await open()).close();
    const known = marks.record?.instance_id;
    await nats.kill();
    rmSync(nats.storeDir, { recursive: true });
    await nats.restart();
    expect(await setUp()).toMatchObject({ instance_id: known, trouble: 'log.missing' });
    const store = await open();
    await expect(store.info('FACTS')).rejects.toThrow('stream not found');
    expect(store.identity.instance_id).toBe(known);
    await expect(append(store)).rejects.toMatchObject({
      code: 'log.missing',
      next: expect.stringContaining(`npm run log -- accept --confirm=${known}`),
    });
    await expect(call(store)).rejects.toMatchObject({ code: 'log.missing' });
  });

  it('leaves the streams of another instance alone', async () => {
    marks = new MemoryMarks();
    await nats.kill();
    rmSync(nats.storeDir, { recursive: true });
    await nats.restart();
    await setUp();
    const theirs = marks.record;
    marks = new MemoryMarks();
    marks.record = { ...theirs!, instance_id: 'inst-ours' };
    expect(await setUp()).toMatchObject({ instance_id: 'inst-ours', trouble: 'log.missing' });
    const store = await open();
    expect((await store.info('FACTS')).config.metadata?.['instance_id']).toBe(theirs?.instance_id);
    await expect(append(store)).rejects.toMatchObject({ code: 'log.missing', message: expect.stringContaining('another instance') });
  });

  it('makes no identity where a log is marked and nothing is known of it outside', async () => {
    const lost = marks.record;
    marks = new MemoryMarks();
    expect(await setUp()).toMatchObject({ instance_id: lost?.instance_id, trouble: 'private.missing' });
    expect(marks.record).toBeNull();
    const store = await open();
    await expect(append(store)).rejects.toMatchObject({ code: 'private.missing' });
    marks.record = lost; // The right copy is put back.
    await store.gate.reopened;
  });
});

describe('the mark', () => {
  it('follows what is written, of each stream, and is never lowered', async () => {
    const store = await open();
    await appendMany(store, 2);
    await call(store);
    await lift(store);
    for (const [stream, sequence] of [['FACTS', 2], ['CALLS', 1], ['TELEMETRY', 1]] as const) await marked(stream, sequence); // prettier-ignore
    store.gate.note('FACTS', 1);
    await append(store);
    await marked('FACTS', 3);
    expect(marks.record?.streams.FACTS.mark.stored_at).toMatch(/^\d{4}-/);
  });

  it('is not waited for: appends go on while the marks cannot be had', async () => {
    const store = await open();
    marks.isDown = true;
    await appendMany(store, 3);
    await nats.restart();
    await append(store);
    marks.isDown = false;
    await marked('FACTS', 4);
  });

  it('of a message without an id is its hash', async () => {
    const store = await open();
    const jsm = await jetstreamManager(store.nc);
    await store.nc.request('facts.test.thing.foreign', 'not ours', { headers: headers(), timeout: 2_000 });
    store.gate.note('FACTS', 1);
    await until('it is marked', () => marks.record?.streams.FACTS.mark.message?.startsWith('sha256:') === true);
    expect((await jsm.streams.info('FACTS')).state.last_seq).toBe(1);
    await (await open()).gate.pass('FACTS');
  });
});

describe('a log that was restored from a backup', () => {
  it('is refused until it is accepted, although it ends where its mark is', async () => {
    const before = await open();
    await appendMany(before, 2);
    await marked('FACTS', 2);
    await before.close();
    const restored_at = '2026-02-01T12:00:00.000Z' as Instant;
    for (const stream of ['FACTS', 'CALLS'] as const) marks.put(stream, { restored_at });
    await setUp();
    const store = await open();
    await expect(append(store)).rejects.toMatchObject({
      code: 'log.rewound',
      message: `FACTS was restored from a backup at ${restored_at}, ends at 2, and is not accepted yet; nothing is written to it.`,
      next: expect.stringContaining(`npm run log -- accept --restored --confirm=${marks.record?.instance_id}`),
    });
    await expect(call(store)).rejects.toMatchObject({ code: 'log.rewound' });
    for (const stream of ['FACTS', 'CALLS'] as const) marks.put(stream, { restored_at: null });
    await store.gate.reopened;
  });
});

describe('a log that lost its end', () => {
  it('is not written to by a process that starts on it', async () => {
    const before = await open();
    await appendMany(before, 3);
    const putBack = await copy();
    await appendMany(before, 2);
    await marked('FACTS', 5);
    await before.close();
    await putBack();
    await setUp();
    const store = await open();
    const refused = await append(store).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LogRefused);
    expect(refused).toMatchObject({ code: 'log.rewound', message: 'FACTS ends at 3, and was seen up to 5; nothing is written to it.' });
    expect((await store.info('FACTS')).state.last_seq).toBe(3);
    expect(marks.record?.streams.FACTS).toMatchObject({ state: 'rewound', mark: { sequence: 5 } });
  });

  it('takes nothing that was under way, nor what the client kept while it was away', async () => {
    const store = await open();
    await appendMany(store, 3);
    const putBack = await copy();
    await appendMany(store, 40);
    const stop = new AbortController();
    const outcomes: string[] = [];
    const writer = async (): Promise<void> => {
      while (!stop.signal.aborted)
        await append(store)
          .then(
            () => outcomes.push('committed'),
            (error: { code?: string; message: string }) => outcomes.push(error.code ?? error.message),
          )
          .then(() => new Promise(setImmediate)); // A refusal comes at once: others must have their turn.
    };
    const writers = Array.from({ length: 8 }, writer);
    await until('appends are under way', () => outcomes.length > 20);
    await putBack();
    await until('the log is found to be rewound', () => outcomes.includes('log.rewound'));
    stop.abort();
    await Promise.all(writers);
    expect((await store.info('FACTS')).state.last_seq).toBe(3);
  }, 60_000);

  it('is not sent what a client buffers while it dials', async () => {
    const network = await slowNetwork();
    const access = { ...nats.access, servers: network.url, name: 'slow' };
    const store = await EventStore.open(access, Object.values(shelf), DEFAULT_SIZES, marks);
    open_.push(store);
    await appendMany(store, 3);
    const putBack = await copy();
    await until('it is connected again', () => store.gate.isOpen('FACTS'));
    await appendMany(store, 2);
    network.hold();
    await putBack();
    await until('a dial waits for the server', () => network.isWaitedFor());
    const appends = Promise.allSettled(Array.from({ length: 10 }, () => append(store)));
    await new Promise(setImmediate); // They are on their way into the buffer, if there is one.
    network.release();
    const outcomes = await appends;
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code)).toEqual(Array(10).fill('log.rewound'));
    expect((await store.info('FACTS')).state.last_seq).toBe(3);
    await store.close();
    await network.close();
  }, 60_000);

  it('is told to the other processes, and is open again when the right copy is back', async () => {
    const [store, other] = [await open(), await open()];
    await appendMany(store, 3);
    const putBack = await copy();
    await append(store);
    await marked('FACTS', 4);
    const right = `${nats.storeDir}.right`;
    await nats.kill();
    cpSync(nats.storeDir, right, { recursive: true });
    await nats.restart();
    await putBack();
    for (const one of [store, other]) await until('it is closed', () => !one.gate.isOpen('FACTS') && one.gate.troubles().length > 0);
    await nats.kill();
    rmSync(nats.storeDir, { recursive: true });
    cpSync(right, nats.storeDir, { recursive: true });
    rmSync(right, { recursive: true });
    await nats.restart();
    await Promise.all([store.gate.reopened, other.gate.reopened]);
    expect(await append(other)).toBe(5);
    expect(marks.record?.streams.FACTS).toMatchObject({ state: 'open', trouble: null });
  }, 60_000);

  it('is found by another message at the mark, as long as the log may be', async () => {
    const store = await open();
    const putBack = await copy();
    await appendMany(store, 3);
    await marked('FACTS', 3);
    await store.close();
    await putBack();
    const elsewhere = new MemoryMarks();
    elsewhere.record = { ...marks.record!, streams: { ...marks.record!.streams } };
    elsewhere.put('FACTS', { mark: { sequence: 0, stored_at: null, message: null } });
    await appendMany(await open(elsewhere), 5);
    await expect(append(await open())).rejects.toMatchObject({
      code: 'log.rewound',
      message: expect.stringContaining('at 3 another message'),
    });
  });

  it('is found by the place of the next fact where a reader or writer went further', async () => {
    const store = await open();
    await append(store);
    store.gate.note('FACTS', 9);
    await expect(append(store)).rejects.toThrow('unknown');
    await expect(append(store)).rejects.toMatchObject({ code: 'log.rewound' });
  });

  it('keeps facts from those who follow them', async () => {
    const store = await open();
    await appendMany(store, 3);
    const putBack = await copy();
    const lost = Promise.withResolvers<Error>();
    const heard: number[] = [];
    await store.subscription.watch(
      ['test.thing'],
      hearing(({ position }) => void heard.push(position)),
      new AbortController().signal,
      lost.resolve,
    );
    store.gate.note('FACTS', 9);
    await putBack();
    expect(await lost.promise).toMatchObject({ code: 'log.rewound' });
    expect(heard).toEqual([1, 2, 3]);
    const late = Promise.withResolvers<Error>();
    await expect(
      store.subscription.watch(
        ['test.thing'],
        hearing(() => undefined),
        new AbortController().signal,
        late.resolve,
      ),
    ).rejects.toThrow(LogRefused);
    expect(await late.promise).toMatchObject({ code: 'log.rewound' });
  }, 60_000);

  it('refuses calls alone where CALLS alone is older', async () => {
    const store = await open();
    await call(store);
    const putBack = await copy();
    await call(store);
    await marked('CALLS', 2);
    await putBack('CALLS');
    await until('calls are refused', () => !store.gate.isOpen('CALLS') && store.gate.troubles().length > 0);
    await expect(call(store)).rejects.toMatchObject({ code: 'log.rewound', message: expect.stringContaining('CALLS ends at 1') });
    await append(store);
    await lift(store);
  }, 60_000);

  it('goes on in another incarnation where TELEMETRY alone is older', async () => {
    const store = await open();
    await lift(store);
    const putBack = await copy();
    await lift(store);
    await lift(store);
    await marked('TELEMETRY', 3);
    const before = store.gate.incarnationOf('TELEMETRY');
    await putBack('TELEMETRY');
    await until('it goes on', async () => store.gate.incarnationOf('TELEMETRY') !== before && store.gate.isOpen('TELEMETRY'));
    expect(store.gate.beginOf('TELEMETRY')).toBe(1);
    expect(Position.parse(await lift(store)).of('telemetry')).toBe(2);
    expect((await open()).gate.incarnationOf('TELEMETRY')).toBe(store.gate.incarnationOf('TELEMETRY'));
  }, 60_000);
});

it('takes what retention removed for no loss', async () => {
  const store = await open();
  for (let i = 0; i < 3; i++) await lift(store);
  await marked('TELEMETRY', 3);
  const jsm = await jetstreamManager(store.nc);
  await jsm.streams.purge('TELEMETRY');
  const { incarnation } = marks.record!.streams.TELEMETRY;
  const later = await open();
  await lift(later);
  expect(later.gate.incarnationOf('TELEMETRY')).toBe(incarnation);
});

it('takes a server that does not answer for silence, and holds what is written', async () => {
  const store = await open();
  await append(store);
  await nats.kill();
  await until('the connection is lost', () => !store.gate.isOpen('FACTS'));
  await expect(append(store)).rejects.toThrow(LogUnavailable);
  expect(store.gate.troubles()).toEqual([]);
  await nats.restart();
  await until('it is open again', () => store.gate.isOpen('FACTS'));
  expect(await append(store)).toBe(2);
});
