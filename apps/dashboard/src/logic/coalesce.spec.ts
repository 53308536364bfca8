import { Coalescer, type Timer } from './coalesce.js';

/** Time that passes when told to. */
class HandTimer implements Timer {
  private time = 0;
  private readonly due: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): void {
    this.due.push({ at: this.time + ms, run });
  }

  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.due.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }
}

interface Item {
  id: string;
  value: number;
}

const timer = () => {
  const hand = new HandTimer();
  const flushed: { at: number; items: Item[] }[] = [];
  const coalescer = new Coalescer<Item>(
    250,
    ({ id }) => id,
    (items) => flushed.push({ at: hand.now(), items }),
    hand,
  );
  return { hand, flushed, coalescer };
};

it('hands on the first item after a pause at once, and a burst as one', () => {
  const { hand, flushed, coalescer } = timer();
  hand.pass(1_000);
  coalescer.push({ id: 'a', value: 1 });
  coalescer.push({ id: 'b', value: 1 });
  expect(flushed).toEqual([]);
  hand.pass(0);
  expect(flushed).toEqual([
    {
      at: 1_000,
      items: [
        { id: 'a', value: 1 },
        { id: 'b', value: 1 },
      ],
    },
  ]);
});

it('hands on four times a second at most, and loses nothing', () => {
  const { hand, flushed, coalescer } = timer();
  for (let value = 0; value < 200; value += 1) {
    coalescer.push({ id: `${value % 7}`, value });
    hand.pass(10);
  }
  hand.pass(1_000);
  const gaps = flushed.slice(1).map(({ at }, index) => at - flushed[index]!.at);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
  expect(flushed.length).toBeLessThanOrEqual(9);
  const last = new Map(flushed.flatMap(({ items }) => items.map(({ id, value }) => [id, value] as const)));
  expect([...last.values()].toSorted((a, b) => a - b)).toEqual([193, 194, 195, 196, 197, 198, 199]);
});

it('keeps the newest of each key, in the order in which each was last heard of', () => {
  const { hand, flushed, coalescer } = timer();
  coalescer.push({ id: 'a', value: 1 });
  coalescer.push({ id: 'b', value: 1 });
  coalescer.push({ id: 'a', value: 2 });
  hand.pass(0);
  expect(flushed[0]!.items).toEqual([
    { id: 'b', value: 1 },
    { id: 'a', value: 2 },
  ]);
});

it('forgets what it is told to, and says nothing of nothing', () => {
  const { hand, flushed, coalescer } = timer();
  coalescer.push({ id: 'a', value: 1 });
  coalescer.push({ id: 'b', value: 1 });
  coalescer.drop(({ id }) => id === 'a');
  hand.pass(0);
  expect(flushed.flatMap(({ items }) => items)).toEqual([{ id: 'b', value: 1 }]);
  coalescer.push({ id: 'c', value: 1 });
  coalescer.drop(() => true);
  hand.pass(1_000);
  expect(flushed).toHaveLength(1);
});
