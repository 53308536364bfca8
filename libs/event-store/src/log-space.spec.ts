import { randomUUID } from 'node:crypto';
import type { StreamInfo } from '@nats-io/jetstream';
import { DEFAULT_SIZES, EventStore, LogFull, LogUnavailable, setUpEventStore } from '@app/event-store';
import { Put, type ItemId, add, put, MemoryMarks } from '@app/event-store/testing';
import { asId, newEvent } from '@app/kernel';
import { startTestNats } from '@app/runtime/testing';
import { DiskWatch } from './disk-watch.js';
import { LogSpace } from './log-space.js';

const MAX = 1_000_000;
const RESERVED = 'test.thing.dropped';

describe('LogSpace', () => {
  let bytes: number;
  let max: number;
  let asked: number;
  let silent: boolean;
  let space: LogSpace;
  beforeEach(() => {
    [bytes, max, asked, silent] = [0, MAX, 0, false];
    const info = async (): Promise<StreamInfo> => {
      asked++;
      if (silent) throw new LogUnavailable('silent');
      return { state: { bytes }, config: { max_bytes: max } } as StreamInfo;
    };
    space = new LogSpace(info, new Set([RESERVED]), new DiskWatch(undefined));
  });

  it('takes everything below 95 % of the limit, and only the reserve from there on', async () => {
    bytes = 0.95 * MAX - 1;
    expect(await space.lacking(['test.thing.put'])).toBeUndefined();
    space.wrote(1);
    expect(await space.lacking(['test.thing.put'])).toEqual({ code: 'event-store.reserve', detail: expect.stringContaining('95 % full') });
    expect(await space.lacking([RESERVED])).toBeUndefined();
    expect(await space.lacking([RESERVED, 'test.thing.put'])).toMatchObject({ code: 'event-store.reserve' });
  });

  it('waits for the size before the first append, and then counts what it writes without asking each time', async () => {
    bytes = 0.99 * MAX;
    expect(await space.lacking(['test.thing.put'])).toBeDefined();
    for (let n = 0; n < 100; n++) await space.lacking(['test.thing.put']);
    expect(asked).toBe(1);
  });

  it('takes everything where there is no limit, or nobody says what it is', async () => {
    max = -1;
    bytes = 1e12;
    expect(await space.lacking(['test.thing.put'])).toBeUndefined();
    silent = true;
    const other = new LogSpace(() => Promise.reject(new LogUnavailable('silent')), new Set(), new DiskWatch(undefined));
    expect(await other.lacking(['test.thing.put'])).toBeUndefined();
  });
});

describe('the reserve of a log on real NATS', () => {
  /** A fact that ends something, for a test. */
  class Dropped extends Put {
    static override readonly type = RESERVED as never;
    static readonly reserve = true;
  }

  it('is left for facts that end something, and every other command is told so', async () => {
    const nats = await startTestNats();
    const sizes = { ...DEFAULT_SIZES, factsMaxBytes: 64 * 1024 };
    const access = { ...nats.access, name: 'test' };
    const marks = new MemoryMarks();
    await setUpEventStore(access, sizes, marks);
    const store = await EventStore.open(access, [Put, Dropped], sizes, marks);
    let end = 0;
    let refused: unknown;
    while (refused === undefined) {
      const commandId = randomUUID();
      const expected = new Map([['facts.test.thing.a', end]]);
      const event = put('a', 0, 'x'.repeat(1_000));
      const appended = await store.appender.append({
        commandId,
        actor: 'a',
        at: '2026-02-01T12:00:00.000Z' as never,
        events: [event],
        expected,
      });
      if (appended.outcome === 'committed') end = appended.position;
      else refused = appended;
    }
    expect(refused).toMatchObject({ outcome: 'full', space: { code: 'event-store.reserve' } });
    await expect(store.commands.handle(add, { data: { id: 'b', n: 1 }, actor: 'a' })).rejects.toThrow(LogFull);
    await expect(store.commands.handle(add, { data: { id: 'b', n: 0 }, actor: 'a' })).resolves.toMatchObject({
      position: expect.stringMatching(/^f0~/),
    }); // It writes nothing.
    const drop = { ...add, decide: () => [newEvent(Dropped as never, { item_id: asId<ItemId>('c'), n: 1, note: '' } as never)] } as never;
    expect(await store.commands.handle(drop, { data: { id: 'c', n: 1 } as never, actor: 'a' })).toEqual({
      position: store.gate.token({ facts: end + 1 }),
    });
    await store.close();
    await nats.stop();
  });
});
