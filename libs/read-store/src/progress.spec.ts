import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { type Announcement, announce } from './announce.js';
import { Progress } from './progress.js';

const said: Announcement = { table: 'things', stream: 'facts', position: 7, pending: 3, lag_ms: 40, parked: 0, keys: ['a'] };

/** A connection on which everything that is published is heard. */
function connection(): { nc: NatsConnection; heard: Announcement[] } {
  const heard: Announcement[] = [];
  let hear = (_error: null, _message: Msg): void => undefined;
  const nc = {
    isClosed: () => false,
    subscribe: (_subject: string, options: { callback: typeof hear }) => ((hear = options.callback), { unsubscribe: () => undefined }),
    publish: (subject: string, text: string) => {
      heard.push(JSON.parse(text) as Announcement);
      hear(null, { subject, json: () => JSON.parse(text) as unknown } as Msg);
    },
  };
  return { nc: nc as unknown as NatsConnection, heard };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('Progress', () => {
  it('cannot tell how far behind the rows are once the projector was silent for three seconds', () => {
    const { nc } = connection();
    const progress = new Progress(nc);
    expect(progress.lagMs('things')).toBeNull();
    announce(nc, said);
    expect(progress.lagMs('things')).toBe(40);
    jest.advanceTimersByTime(3_000);
    expect(progress.lagMs('things')).toBe(40);
    jest.advanceTimersByTime(1);
    expect(progress.lagMs('things')).toBeNull();
    announce(nc, { ...said, pending: 0 });
    expect(progress.lagMs('things')).toBe(0);
  });

  it('believes nothing that is said of a table on the subject of another', () => {
    const { nc } = connection();
    const progress = new Progress(nc);
    nc.publish('announce.read.others', JSON.stringify(said));
    expect([progress.position('things'), progress.position('others')]).toEqual([undefined, undefined]);
  });
});

describe('announce', () => {
  it('names up to a thousand rows, and beyond that none', () => {
    const { nc, heard } = connection();
    const keys = Array.from({ length: 1_001 }, (_, n) => `k${n}`);
    announce(nc, { ...said, keys: keys.slice(0, 1_000) });
    announce(nc, { ...said, keys });
    expect(heard.map((one) => one.keys?.length ?? null)).toEqual([1_000, null]);
  });
});
