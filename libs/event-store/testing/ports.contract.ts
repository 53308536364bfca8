import { randomUUID } from 'node:crypto';
import { LogUnavailable, type Recorded } from '@app/event-store';
import { type NewEvent, Position, type Rule, asId, newEvent, refuse, together } from '@app/kernel';
import type { Ports } from './memory-log.js';
import { Lifted, type Put, type ThingId, add, put, thing } from './thing.js';

export interface Opened {
  readonly ports: Ports;
  /** Runs `ask` on the same log while it does not answer. */
  silent(ask: (ports: Ports) => Promise<void>): Promise<void>;
}

interface Gift {
  readonly from: string;
  readonly to: string;
  readonly n: number;
}
const both = ({ from, to }: Gift) => together({ from: thing.of(from), to: thing.of(to) });
/** Takes from one thing and gives to another. */
const give: Rule<{ from: number; to: number }, Gift, typeof Put, 'test.lacking'> = {
  on: both,
  decide: (sums, { data: { from, to, n } }) =>
    sums.from < n ? refuse('test.lacking', { sum: sums.from }) : [put(from, -n), put(to, n), put(from, 0, `gave ${n} to ${to}`)],
};
/** Decides on two things and writes to one: nothing would notice that the other changed. */
const careless: Rule<unknown, Gift, typeof Put> = { on: both, decide: (_sums, { data: { to, n } }) => [put(to, n)] };

const next = (() => {
  let n = 0;
  return () => `contract-${++n}`;
})();
const never = (error: Error): void => {
  throw error;
};
const numberOf = (position: string): number => Number(position.slice(1));
const rising = (numbers: readonly number[]): number[] => [...new Set(numbers)].toSorted((a, b) => a - b);

/** What the ports promise, to whoever stands on them. `open` is called once, before the first test. */
export function describePorts(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let log: Opened;
    let ports: Ports;
    beforeAll(async () => {
      log = await open();
      ({ ports } = log);
    });

    const command = <Data>(data: Data, commandId: string = randomUUID()) => ({ data, actor: 'token:test', commandId });
    /** Where what was added is. */
    const added = async (id: string, n = 1): Promise<string> => {
      const outcome = await ports.commands.handle(add, command({ id, n }));
      if ('refused' in outcome) throw new Error(outcome.refused);
      return outcome.position;
    };
    /** Every fact there is of some things, as the feed tells them. */
    const factsOf = async (...ids: string[]): Promise<Recorded[]> => {
      const facts: Recorded[] = [];
      const abort = new AbortController();
      await ports.feed.watch(['test.thing'], (fact) => void facts.push(fact), abort.signal, never);
      abort.abort();
      return facts.filter(({ data }) => ids.includes((data as Put).thing_id));
    };

    describe('a command', () => {
      it('is decided on what happened, and answers where the last fact is that it wrote', async () => {
        const [one, two] = [next(), next()];
        await added(one, 7);
        const given = await ports.commands.handle(give, command({ from: one, to: two, n: 4 }));
        const facts = await factsOf(one, two);
        expect(facts.map(({ data }) => [(data as Put).thing_id, (data as Put).n])).toEqual([
          [one, 7],
          [one, -4],
          [two, 4],
          [one, 0],
        ]);
        expect(given).toEqual({ position: new Position({ facts: facts[3]?.position ?? 0 }).format() });
      });

      it('that is refused says why with what it knew, and writes nothing', async () => {
        const [one, two] = [next(), next()];
        await added(one, 7);
        const lacking = await ports.commands.handle(give, command({ from: one, to: two, n: 8 }));
        expect(lacking).toEqual({ refused: 'test.lacking', facts: { sum: 7 } });
        expect(await factsOf(one, two)).toHaveLength(1);
      });

      it('that changes nothing answers where its thing is, however far the log is', async () => {
        const id = next();
        const position = await added(id, 7);
        await added(next());
        expect(await added(id, 0)).toBe(position);
        expect(await added(next(), 0)).toBe('f0');
      });

      it('sent again with its id is not carried out again, even where it would now be refused', async () => {
        const [one, two] = [next(), next()];
        await added(one, 7);
        const gift = command({ from: one, to: two, n: 4 });
        const first = await ports.commands.handle(give, gift);
        await added(one);
        expect(await ports.commands.handle(give, gift)).toEqual(first);
        expect(await factsOf(one, two)).toHaveLength(5);
      });

      it('without an id, or with another, is another', async () => {
        const id = next();
        const anonymous = { data: { id, n: 1 }, actor: 'token:test' };
        const positions = [await ports.commands.handle(add, anonymous), await ports.commands.handle(add, anonymous)];
        expect(new Set(positions.map((at) => JSON.stringify(at))).size).toBe(2);
        await added(id);
        expect(await factsOf(id)).toHaveLength(3);
      });

      it('never exceeds what its rule allows, however many come at once', async () => {
        const id = next();
        const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => ports.commands.handle(add, command({ id, n: 1 }))));
        const facts = await factsOf(id);
        expect(facts.length).toBeLessThanOrEqual(10);
        expect(facts).toHaveLength(outcomes.filter((one) => one.status === 'fulfilled' && 'position' in one.value).length);
      });

      it('whose rule does not write to each thing it reads is a bug, and writes nothing', async () => {
        const [one, two] = [next(), next()];
        await expect(ports.commands.handle(careless, command({ from: one, to: two, n: 1 }))).rejects.toThrow(one);
        expect(await factsOf(one, two)).toEqual([]);
      });

      it('is written down with who asked, when, and what it came of', async () => {
        const id = next();
        const [commandId, causationId, another] = [randomUUID(), randomUUID(), randomUUID()];
        const at: string[] = [];
        const timed: typeof add = { ...add, decide: (sum, asked) => (at.push(asked.at), add.decide(sum, asked)) };
        await ports.commands.handle(timed, { ...command({ id, n: 1 }, commandId), causationId });
        await ports.commands.handle(timed, command({ id, n: 2 }, another));
        const facts = await factsOf(id);
        const by = { actor: 'token:test', stream: 'facts', type: 'test.thing.put', version: 1, subject: `facts.test.thing.${id}` };
        expect(facts).toMatchObject([
          { ...by, at: at[0], correlation_id: commandId, causation_id: causationId, data: { thing_id: id, n: 1, note: '' } },
          { ...by, at: at[1], correlation_id: another, causation_id: another, data: { thing_id: id, n: 2, note: '' } },
        ]);
        expect(new Set(facts.map((fact) => fact.id)).size).toBe(2);
      });
    });

    it('reads what a rule would decide on, as it is once a command was answered', async () => {
      const id = next();
      expect(await ports.commands.read(thing.of(id))).toBe(0);
      for (const sum of [1, 2, 3]) {
        await added(id);
        expect(await ports.commands.read(thing.of(id))).toBe(sum);
      }
    });

    it('knows every thing of a kind that ever had a fact', async () => {
      const id = next();
      await added(id);
      await added(id);
      expect((await ports.idsOf('test.thing')).filter((one) => one === id)).toEqual([id]);
      expect(await ports.idsOf('test.other')).toEqual([]);
    });

    describe('the feed of facts', () => {
      let abort: AbortController;
      beforeEach(() => void (abort = new AbortController()));
      afterEach(() => abort.abort());
      /** Follows things until `id` is heard of, as often as it says; `begun`: all there was is heard. */
      const follow = (id: string, times = 1) => {
        const heard: Recorded[] = [];
        const done = Promise.withResolvers<void>();
        const hear = (fact: Recorded): void => {
          heard.push(fact);
          if (heard.filter(({ subject }) => subject.endsWith(`.${id}`)).length === times) done.resolve();
        };
        return { heard, done: done.promise, begun: ports.feed.watch(['test.thing'], hear, abort.signal, done.reject) };
      };

      it('tells all there is before it says so, then what comes, in order', async () => {
        const [one, two, last] = [next(), next(), next()];
        await added(one);
        await added(two);
        const { heard, begun, done } = follow(last);
        await begun;
        expect(heard.slice(-2).map(({ subject }) => subject)).toEqual([`facts.test.thing.${one}`, `facts.test.thing.${two}`]);
        const position = await added(last);
        await done;
        expect(heard.at(-1)).toMatchObject({ subject: `facts.test.thing.${last}`, position: numberOf(position) });
        const positions = heard.map((fact) => fact.position);
        expect(positions).toEqual(rising(positions));
      });

      it('tells nothing twice, and passes over nothing, to whoever begins while facts are written', async () => {
        const id = next();
        const writing = Array.from({ length: 5 }, () => added(id).catch(() => undefined));
        await writing[0];
        const { heard, begun, done } = follow(id, 10);
        await Promise.all([begun, ...writing]);
        while ((await ports.commands.read(thing.of(id))) < 10) await added(id);
        await done;
        const positions = heard.map((fact) => fact.position);
        expect(positions).toEqual(rising(positions));
        expect(positions).toEqual((await factsOf(...(await ports.idsOf('test.thing')))).map((fact) => fact.position));
      });

      it('tells of the kinds that were asked for', async () => {
        await added(next());
        const [nothing, some]: Recorded[][] = [[], []];
        await ports.feed.watch(['test.other', 'test.thin'], (fact) => void nothing?.push(fact), abort.signal, never);
        await ports.feed.watch(['test.other', 'test.thing'], (fact) => void some?.push(fact), abort.signal, never);
        const last = next();
        const { done } = follow(last);
        await added(last);
        await done;
        expect(nothing).toEqual([]);
        expect(some?.length).toBeGreaterThan(0);
      });

      it('ends when its signal says so, and only for whom it was given', async () => {
        const ended = new AbortController();
        const heard: Recorded[] = [];
        await ports.feed.watch(['test.thing'], (fact) => void heard.push(fact), ended.signal, never);
        const before = heard.length;
        const last = next();
        const { done } = follow(last);
        ended.abort();
        await added(last);
        await done;
        expect(heard).toHaveLength(before);
      });

      it('says so, once, when it can tell no more, and passes over nothing', async () => {
        const [broken, last] = [next(), next()];
        const heard: Recorded[] = [];
        const lost: Error[] = [];
        const isLost = Promise.withResolvers<void>();
        const hear = (fact: Recorded): void => {
          if (fact.subject.endsWith(`.${broken}`)) throw new Error('cannot be understood');
          heard.push(fact);
        };
        await ports.feed.watch(['test.thing'], hear, abort.signal, (error) => (lost.push(error), isLost.resolve()));
        const before = heard.length;
        const { done } = follow(last, 2);
        await added(broken);
        await isLost.promise;
        for (const id of [last, broken, last]) await added(id);
        await done;
        expect(heard).toHaveLength(before);
        expect(lost.map(({ cause }) => String(cause))).toEqual(['Error: cannot be understood']);
      });

      it('does not say that all was told when something could not be', async () => {
        await added(next());
        const lost: Error[] = [];
        const watched = ports.feed.watch(
          ['test.thing'],
          () => never(new Error('cannot be understood')),
          abort.signal,
          (e) => lost.push(e),
        );
        await expect(watched).rejects.toMatchObject({ cause: { message: 'cannot be understood' } });
        expect(lost).toHaveLength(1);
      });
    });

    const lifted = newEvent(Lifted, { thing_id: asId<ThingId>('a'), height: 3 });

    it('telemetry is kept, each where it says', async () => {
      const positions = [
        await ports.telemetry.keep(lifted, 'system:test', 5_000),
        await ports.telemetry.keep(lifted, 'system:test', 5_000),
      ];
      for (const position of positions) expect(Position.parse(position).of('telemetry')).toBe(numberOf(position));
      expect(positions.map(numberOf)).toEqual(rising(positions.map(numberOf)));
    });

    const said: NewEvent = { type: 'test.call.accepted', version: 1, subject: 'calls.test.call.lisbon', data: { call_id: 'c1' } };

    it('a call is kept once under its id, and where it was said again', async () => {
      const record = { actor: 'token:test', id: randomUUID(), timeoutMs: 5_000 };
      const position = await ports.calls.record(said, record);
      expect(Position.parse(position).of('calls')).toBe(numberOf(position));
      expect(await ports.calls.record(said, record)).toBe(position);
      const other = await ports.calls.record(said, { ...record, id: randomUUID() });
      expect(numberOf(other)).toBe(numberOf(position) + 1);
    });

    it('the first use of a key is told from every other, and had by one of many who ask at once', async () => {
      const [one, other] = [`a nonce, of any/characters*> ${randomUUID()}`, randomUUID()];
      expect([await ports.once.first(one), await ports.once.first(one), await ports.once.first(other)]).toEqual([true, false, true]);
      const contended = randomUUID();
      const asked = await Promise.all(Array.from({ length: 50 }, () => ports.once.first(contended)));
      expect(asked.filter((isFirst) => isFirst)).toHaveLength(1);
    });

    it('while it is silent nobody is told anything else, and no command is carried out', async () => {
      const id = next();
      await added(id);
      await log.silent(async (deaf) => {
        const rejected = (asked: Promise<unknown>): Promise<void> => expect(asked).rejects.toThrow(LogUnavailable);
        await Promise.all([
          rejected(deaf.commands.handle(add, command({ id, n: 1 }))),
          rejected(deaf.commands.read(thing.of(id))),
          rejected(deaf.feed.watch(['test.thing'], () => undefined, new AbortController().signal, never)),
          rejected(deaf.calls.record(said, { actor: 'token:test', id: randomUUID(), timeoutMs: 200 })),
          rejected(deaf.once.first(randomUUID())),
          expect(deaf.telemetry.keep(lifted, 'system:test', 200)).rejects.toThrow(),
          expect(deaf.idsOf('test.thing')).rejects.toThrow(),
        ]);
      });
      expect(await factsOf(id)).toHaveLength(1);
    });
  });
}
