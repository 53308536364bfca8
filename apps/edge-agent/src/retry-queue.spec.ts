import fc from 'fast-check';
import { parseFrame } from '../../../libs/edge/src/tunnel.protocol.js';
import { RetryQueue } from './retry-queue.js';

const cost = (usd: number) => ({ usd, tokens: Math.round(usd * 1000), missing: 0, models: [], agents: [] });
const always = () => true;
/** A numbering, and everything that is told by it. */
function teller(retryQueue: RetryQueue, isFresh: (gateway: string) => boolean = always) {
  let seq = 0;
  return () => [
    ...retryQueue.take(
      () => ++seq,
      (gateways) => gateways.every(isFresh),
    ),
  ];
}

it('tells of a day what all gateways together say it cost', () => {
  const retryQueue = new RetryQueue();
  retryQueue.cost('2026-02-01', 'a', { usd: 0.1, tokens: 10, missing: 1, models: [], agents: [] });
  retryQueue.cost('2026-02-01', 'b', { usd: 0.2, tokens: 5, missing: 2, models: [], agents: [] });
  const tell = teller(retryQueue, (gateway) => gateway !== 'b');
  expect(tell()).toEqual([
    { type: 'cost', seq: 1, day: '2026-02-01', usd: 0.3, tokens: 15, by_model: [], by_agent: [], missing_cost_entries: 3, fresh: false },
  ]);
  expect(tell()).toEqual([]);
});

it('tells what each model cost at all gateways together, the dearest first', () => {
  const retryQueue = new RetryQueue();
  const models = (...all: [string, number][]) => all.map(([model, usd]) => ({ model, usd, tokens: usd * 10 }));
  retryQueue.cost('2026-02-01', 'a', { usd: 3.1, tokens: 31, missing: 0, agents: [], models: models(['small', 0.1], ['large', 3]) });
  retryQueue.cost('2026-02-01', 'b', { usd: 0.7, tokens: 7, missing: 0, agents: [], models: models(['small', 0.2], ['middle', 0.5]) });
  expect(teller(retryQueue)()[0]?.by_model).toEqual(models(['large', 3], ['middle', 0.5], ['small', 0.3]));
});

it('tells the cheapest of more models than the tunnel takes together', () => {
  const retryQueue = new RetryQueue();
  const models = Array.from({ length: 70 }, (_, n) => ({ model: `m${n}`, usd: n, tokens: 1 }));
  retryQueue.cost('2026-02-01', 'a', { usd: 2_415, tokens: 70, missing: 0, models, agents: [] });
  const [told] = teller(retryQueue)();
  expect(parseFrame(JSON.stringify(told))).toEqual(told);
  expect(told?.by_model).toHaveLength(64);
  expect(told?.by_model.find(({ model }) => model === 'other')).toEqual({ model: 'other', usd: 21, tokens: 7 });
  expect(told?.by_model.reduce((all, { usd }) => all + usd, 0)).toBe(2_415);
});

it('tells what each agent of each gateway cost, the dearest first, and the cheapest together', () => {
  const retryQueue = new RetryQueue();
  const use = (agent: string, usd: number) => ({ agent, usd, tokens: 1 });
  retryQueue.cost('2026-02-01', 'a', { ...cost(3), agents: [use('main', 1), use('clerk', 2)] });
  retryQueue.cost('2026-02-01', 'b', { ...cost(4), agents: [use('main', 4)] });
  expect(teller(retryQueue)()[0]?.by_agent).toEqual([
    { gateway: 'b', ...use('main', 4) },
    { gateway: 'a', ...use('clerk', 2) },
    { gateway: 'a', ...use('main', 1) },
  ]);
  retryQueue.cost('2026-02-01', 'b', { ...cost(4), agents: Array.from({ length: 70 }, (_, n) => use(`m${n}`, 10 + n)) });
  const [told] = teller(retryQueue)();
  expect(parseFrame(JSON.stringify(told))).toEqual(told);
  expect(told?.by_agent).toHaveLength(64);
  expect(told?.by_agent.filter(({ gateway }) => gateway === null)).toEqual([{ gateway: null, agent: 'other', usd: 94, tokens: 9 }]);
});

it('tells no more than the tunnel takes, however much it adds up to', () => {
  const retryQueue = new RetryQueue();
  for (const gateway of ['a', 'b'])
    retryQueue.cost('2026-02-01', gateway, { usd: 1e9, tokens: 2 ** 53 - 1, missing: 2 ** 53 - 1, models: [], agents: [] });
  const [told] = teller(retryQueue)();
  expect(parseFrame(JSON.stringify(told))).toEqual(told);
  expect(told).toMatchObject({ usd: 1e9, tokens: 2 ** 53 - 1, missing_cost_entries: 2 ** 53 - 1 });
});

it('knows from which day on a gateway said something', () => {
  const retryQueue = new RetryQueue();
  retryQueue.cost('2026-02-02', 'a', cost(1));
  retryQueue.cost('2026-02-01', 'a', cost(1));
  retryQueue.cost('2026-01-31', 'b', cost(1));
  expect(['a', 'b', 'c'].map((gateway) => retryQueue.since(gateway))).toEqual(['2026-02-01', '2026-01-31', null]);
});

it('replaces a figure, and counts what nobody was told', () => {
  const retryQueue = new RetryQueue();
  expect(retryQueue.cost('2026-02-01', 'a', cost(1))).toBe(true);
  expect(retryQueue.cost('2026-02-01', 'a', cost(1))).toBe(false);
  expect(retryQueue.cost('2026-02-01', 'a', cost(2))).toBe(true);
  expect(retryQueue.state).toEqual({ depth: 1, capacity: 32, dropped: 1 });
  expect(teller(retryQueue)()).toMatchObject([{ usd: 2 }]);
  retryQueue.cost('2026-02-01', 'a', cost(3)); // What it replaces was told.
  expect(retryQueue.state.dropped).toBe(1);
});

it('tells again what was not acknowledged before the connection was lost', () => {
  const retryQueue = new RetryQueue();
  const tell = teller(retryQueue);
  retryQueue.cost('2026-02-01', 'a', cost(1));
  retryQueue.cost('2026-02-02', 'a', cost(2));
  expect(tell()).toHaveLength(2);
  retryQueue.acked(1);
  retryQueue.lost();
  expect(tell()).toMatchObject([{ seq: 3, day: '2026-02-02' }]);
  retryQueue.acked(3);
  retryQueue.lost();
  expect(tell()).toEqual([]);
  expect(retryQueue.state.depth).toBe(0);
});

it('does not take an acknowledgement for one of a figure that came after', () => {
  const retryQueue = new RetryQueue();
  const tell = teller(retryQueue);
  retryQueue.cost('2026-02-01', 'a', cost(1));
  tell();
  retryQueue.cost('2026-02-01', 'a', cost(2));
  retryQueue.acked(1);
  expect(tell()).toMatchObject([{ seq: 2, usd: 2 }]);
});

it('keeps one report, however many there were', () => {
  const retryQueue = new RetryQueue();
  for (let n = 0; n < 3; n++) retryQueue.report();
  expect(retryQueue.state).toMatchObject({ depth: 1, dropped: 2 });
  retryQueue.reported();
  expect(retryQueue.state).toMatchObject({ depth: 0, dropped: 2 });
});

it('gives up the oldest of too many days, and counts it only when nobody was told of it', () => {
  const days = Array.from({ length: 33 }, (_, n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10));
  const retryQueue = new RetryQueue();
  for (const day of days.slice(0, 31)) retryQueue.cost(day, 'a', cost(1));
  const tell = teller(retryQueue);
  expect(tell()).toHaveLength(31);
  retryQueue.cost(days[31]!, 'a', cost(1));
  expect(retryQueue.state).toMatchObject({ depth: 31, dropped: 0 });
  retryQueue.lost();
  retryQueue.cost(days[32]!, 'a', cost(1));
  expect(retryQueue.state).toMatchObject({ depth: 31, dropped: 1 });
  expect(tell().map(({ day }) => day)).toEqual(days.slice(2));
});

it('survives its process', () => {
  const retryQueue = new RetryQueue();
  const tell = teller(retryQueue);
  retryQueue.cost('2026-02-01', 'a', cost(1));
  tell();
  retryQueue.acked(1);
  retryQueue.cost('2026-02-02', 'b', cost(2));
  retryQueue.cost('2026-02-02', 'b', cost(3));
  const again = new RetryQueue(JSON.parse(JSON.stringify(retryQueue.kept)));
  expect(again.state).toEqual({ depth: 1, capacity: 32, dropped: 1 });
  again.cost('2026-02-01', 'b', cost(4));
  expect(teller(again)()).toMatchObject([
    { day: '2026-02-02', usd: 3 },
    { day: '2026-02-01', usd: 5 },
  ]);
});

it('is bounded, and every figure was told, waits or is counted as dropped', () => {
  const day = fc.integer({ min: 0, max: 99 }).map((n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10));
  const figure = fc.tuple(day, fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 9, arbitrary: figure }, fc.constantFrom('take', 'ack')), { maxLength: 300 }), (steps) => {
      const retryQueue = new RetryQueue();
      let [seq, news, told] = [0, 0, 0];
      const take = (): number => [...retryQueue.take(() => ++seq, always)].length;
      for (const one of steps) {
        if (Array.isArray(one)) news += retryQueue.cost(one[0], one[1], cost(one[2])) ? 1 : 0;
        else if (one === 'take') told += take();
        else retryQueue.acked(seq);
        expect(retryQueue.state.depth).toBeLessThanOrEqual(31);
        expect(retryQueue.kept.costs.length).toBeLessThanOrEqual(2 * (31 + 2));
      }
      expect(told + take() + retryQueue.state.dropped).toBe(news);
    }),
  );
});
