import { accepted } from '../../../testing/calls.js';
import { MAX_LESSER, MAX_WAITING, RecordRetryQueue, type Waiting } from './record-retry-queue.js';

/** A log that a test answers for, and a clock that it moves. */
class Fake {
  readonly kept: string[] = [];
  readonly said: string[] = [];
  readonly pauses: { ms: number; then: () => void }[] = [];
  isAway = false;
  isMute = false;
  underWay = 0;
  most = 0;

  readonly retryQueue = new RecordRetryQueue({
    keep: async ({ id }) => {
      this.most = Math.max(this.most, ++this.underWay);
      await (this.isMute ? new Promise(() => undefined) : Promise.resolve());
      this.underWay--;
      if (this.isAway) throw new Error('the event log does not answer');
      this.kept.push(id);
    },
    warn: (sentence) => void this.said.push(sentence),
    after: (ms, then) => {
      const pause = { ms, then };
      this.pauses.push(pause);
      return () => void this.pauses.splice(this.pauses.indexOf(pause), 1);
    },
  });

  put(...ids: string[]): void {
    for (const id of ids) this.retryQueue.put(record(id));
  }

  /** Until everything that could happen without a clock has. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  async pass(): Promise<number> {
    const [pause] = this.pauses.splice(0, 1);
    pause?.then();
    await this.settle();
    return pause?.ms ?? -1;
  }
}
const record = (id: string): Waiting => ({ event: accepted('a'), actor: 'test', id, record_id: `of-${id}` });
const ids = (count: number, from = 0): string[] => Array.from({ length: count }, (_, n) => `${from + n}`);
let fake: Fake;
beforeEach(() => {
  fake = new Fake();
});

it('sends what it is given, and some at a time', async () => {
  fake.put(...ids(100));
  await fake.settle();
  expect(fake.kept.toSorted()).toEqual(ids(100).toSorted());
  expect(fake.most).toBe(32);
  expect(fake.said).toEqual([]);
});

it('keeps trying one, in longer and longer pauses, and then sends all', async () => {
  fake.isAway = true;
  fake.put(...ids(40));
  await fake.settle();
  const pauses = [];
  for (let turn = 0; turn < 8; turn++) pauses.push(await fake.pass());
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  fake.isAway = false;
  await fake.pass();
  expect(fake.kept.toSorted()).toEqual(ids(40).toSorted());
  expect(fake.said).toEqual(['What became of calls waits for the log: Error: the event log does not answer']);
});

it('asks a log that is away with one record, not with all', async () => {
  fake.isAway = true;
  fake.put(...ids(40));
  await fake.settle();
  fake.most = 0;
  await fake.pass();
  expect(fake.most).toBe(1);
});

it('holds a bounded number, and says how many beyond it were lost', async () => {
  fake.isAway = true;
  fake.put(...ids(MAX_WAITING + 7));
  await fake.settle();
  expect(fake.said).toContain(`${MAX_WAITING} endings of calls wait for the log, and no more fit: what ends from now on is lost.`);
  fake.isAway = false;
  await fake.pass();
  while (fake.kept.length < MAX_WAITING) await fake.settle();
  await fake.settle();
  expect(fake.kept).toHaveLength(MAX_WAITING);
  expect(fake.said.at(-1)).toMatch(/^7 records of calls were lost/);
});

describe('what matters less', () => {
  it('has a bound of its own, and takes no place of an ending', async () => {
    fake.isAway = true;
    const taken = ids(MAX_LESSER + 7).map((id) => fake.retryQueue.offer(record(`lesser-${id}`)));
    fake.put(...ids(MAX_WAITING));
    await fake.settle();
    expect(taken.filter(Boolean)).toHaveLength(MAX_LESSER);
    expect(fake.said).toEqual([expect.stringContaining('waits for the log')]);
  });

  it('waits until the endings are sent', async () => {
    fake.isAway = true;
    fake.retryQueue.offer(record('lesser-1'));
    await fake.settle();
    fake.retryQueue.offer(record('lesser-2'));
    fake.put('ending');
    fake.isAway = false;
    await fake.pass();
    expect(fake.kept).toEqual(['ending', 'lesser-1', 'lesser-2']);
  });

  it('is not taken any more at the end', async () => {
    await fake.retryQueue.close(5_000);
    expect([fake.retryQueue.offer(record('late')), fake.said]).toEqual([false, []]);
  });
});

it('holds a record until it is kept', async () => {
  fake.isAway = true;
  fake.put('a');
  fake.retryQueue.offer(record('b'));
  await fake.settle();
  expect(['of-a', 'of-b', 'of-c'].map((id) => fake.retryQueue.holds(id))).toEqual([true, true, false]);
  fake.isAway = false;
  await fake.pass();
  expect(fake.retryQueue.holds('of-a')).toBe(false);
});

describe('at the end', () => {
  it('is done at once when nothing waits', async () => {
    await fake.retryQueue.close(5_000);
    expect([fake.said, fake.pauses]).toEqual([[], []]);
  });

  it('sends what waits, without waiting for the pause', async () => {
    fake.isAway = true;
    fake.put('a', 'b');
    await fake.settle();
    fake.isAway = false;
    await fake.retryQueue.close(5_000);
    expect(fake.kept.toSorted()).toEqual(['a', 'b']);
    expect(fake.pauses).toEqual([]);
  });

  it('gives up in time, says how many were lost, and sends nothing more', async () => {
    fake.isMute = true;
    fake.put('a', 'b');
    const closed = fake.retryQueue.close(5_000);
    await fake.settle();
    expect(fake.pauses.map(({ ms }) => ms)).toEqual([5_000]);
    await fake.pass();
    await closed;
    expect(fake.said).toEqual([expect.stringMatching(/^2 records of calls were lost/)]);
    fake.isMute = false;
    fake.put('c');
    await fake.settle();
    expect([fake.kept, fake.pauses]).toEqual([[], []]);
    expect(fake.said[1]).toMatch(/^1 records of calls were lost/);
  });
});
