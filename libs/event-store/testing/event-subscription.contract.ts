import type { UnreadableSubject, FactReader, Recorded } from '@app/event-store';
import { type PortsUnderTest, command, hearing, never, next, numberOf, rising } from './ports-under-test.js';
import { tell, sample } from './item.js';

/** What those are promised who follow facts. */
export function describeEventSubscription(of: PortsUnderTest): void {
  describe('the feed of facts', () => {
    let abort: AbortController;
    beforeEach(() => void (abort = new AbortController()));
    afterEach(() => abort.abort());
    /** Follows things until `id` is heard of, as often as it says; `begun`: all there was is heard. */
    const consume = (id: string, times = 1) => {
      const heard: Recorded[] = [];
      const done = Promise.withResolvers<void>();
      const hear = (fact: Recorded): void => {
        heard.push(fact);
        if (heard.filter(({ subject }) => subject.endsWith(`.${id}`)).length === times) done.resolve();
      };
      return { heard, done: done.promise, begun: of.ports.subscription.watch(['test.thing'], hearing(hear), abort.signal, done.reject) };
    };

    it('tells all there is before it says so, then what comes, in order', async () => {
      const [one, two, last] = [next(), next(), next()];
      await of.added(one);
      await of.added(two);
      const { heard, begun, done } = consume(last);
      await begun;
      expect(heard.slice(-2).map(({ subject }) => subject)).toEqual([`facts.test.thing.${one}`, `facts.test.thing.${two}`]);
      const position = await of.added(last);
      await done;
      expect(heard.at(-1)).toMatchObject({ subject: `facts.test.thing.${last}`, position: numberOf(position) });
      const positions = heard.map((fact) => fact.position);
      expect(positions).toEqual(rising(positions));
    });

    it('tells nothing twice, and passes over nothing, to whoever begins while facts are written', async () => {
      const id = next();
      const writing = Array.from({ length: 5 }, () => of.added(id).catch(() => undefined));
      await writing[0];
      const { heard, begun, done } = consume(id, 10);
      await Promise.all([begun, ...writing]);
      while ((await of.ports.commands.read(sample.of(id))) < 10) await of.added(id);
      await done;
      const positions = heard.map((fact) => fact.position);
      expect(positions).toEqual(rising(positions));
      expect(positions).toEqual((await of.factsOf(...(await of.ports.idsOf('test.thing')))).map((fact) => fact.position));
    });

    it('tells of the kinds that were asked for', async () => {
      await of.added(next());
      const [nothing, some]: Recorded[][] = [[], []];
      await of.ports.subscription.watch(
        ['test.other', 'test.thin'],
        hearing((fact) => void nothing?.push(fact)),
        abort.signal,
        never,
      );
      await of.ports.subscription.watch(
        ['test.other', 'test.thing'],
        hearing((fact) => void some?.push(fact)),
        abort.signal,
        never,
      );
      const last = next();
      const { done } = consume(last);
      await of.added(last);
      await done;
      expect(nothing).toEqual([]);
      expect(some?.length).toBeGreaterThan(0);
    });

    it('ends when its signal says so, and only for whom it was given', async () => {
      const ended = new AbortController();
      const heard: Recorded[] = [];
      await of.ports.subscription.watch(
        ['test.thing'],
        hearing((fact) => void heard.push(fact)),
        ended.signal,
        never,
      );
      const before = heard.length;
      const last = next();
      const { done } = consume(last);
      ended.abort();
      await of.added(last);
      await done;
      expect(heard).toHaveLength(before);
    });

    it('ends in the middle, too, and keeps nobody waiting who ended it', async () => {
      await of.added(next());
      await of.added(next());
      const ended = new AbortController();
      const heard: Recorded[] = [];
      const hear = (fact: Recorded): void => {
        heard.push(fact);
        ended.abort();
      };
      for (let watches = 0; watches < 2; watches++) await of.ports.subscription.watch(['test.thing'], hearing(hear), ended.signal, never);
      const last = next();
      const { begun, done } = consume(last);
      await begun;
      await of.added(last);
      await done;
      expect(heard).toHaveLength(1);
    });

    /** A reader that keeps what it was told, in order: `+a` for a fact of a, `?a` for a doubt, `!a` for `again`. */
    const keeping = (hear: (fact: Recorded) => void = () => undefined) => {
      const told: string[] = [];
      const id = (subject: string): string => subject.slice(subject.lastIndexOf('.') + 1);
      const blocked: UnreadableSubject[] = [];
      const waiting: { isThere: () => boolean; resolve: () => void }[] = [];
      const tell = (words: string): void => {
        told.push(words);
        for (const { isThere, resolve } of waiting) if (isThere()) resolve();
      };
      const reader: FactReader = {
        hear: (fact) => (hear(fact), tell(`+${id(fact.subject)}`)),
        unreadable: (subject, trouble) => (blocked.push(trouble), tell(`?${id(subject)}`)),
        again: (subject) => tell(`!${id(subject)}`),
      };
      const until = (isThere: () => boolean): Promise<void> =>
        isThere() ? Promise.resolve() : new Promise((resolve) => waiting.push({ isThere, resolve }));
      return { told, blocked, reader, until };
    };

    it('doubts one aggregate when a fact cannot be applied, and goes on with all others', async () => {
      const [broken, sound] = [next(), next()];
      const { told, blocked, reader, until } = keeping((fact) => {
        if (fact.subject.endsWith(`.${broken}`)) throw new Error('cannot be understood');
      });
      await of.ports.subscription.watch(['test.thing'], reader, abort.signal, never);
      const before = told.length;
      for (const id of [broken, sound, broken, sound]) await of.added(id);
      await until(() => told.length >= before + 3);
      expect(told.slice(before)).toEqual([`?${broken}`, `+${sound}`, `+${sound}`]);
      expect(blocked.at(-1)).toMatchObject({ code: 'fold.threw', detail: expect.stringContaining('cannot be understood') as string });
    });

    it('resolves though something could not be told', async () => {
      const id = next();
      await of.added(id);
      const { told, reader } = keeping(() => never(new Error('cannot be understood')));
      await of.ports.subscription.watch(['test.thing'], reader, abort.signal, never);
      expect(told).toContain(`?${id}`);
    });

    it('doubts an aggregate with a fact of a newer release: it may be the one that forbids', async () => {
      const id = next();
      const { blocked, told, reader, until } = keeping();
      await of.ports.subscription.watch(['test.novelty'], reader, abort.signal, never);
      await of.ports.commands.handle(tell, command({ id }));
      await until(() => told.includes(`?${id}`));
      expect(blocked.at(-1)).toMatchObject({ code: 'event.unknown' });
    });

    it('doubts an aggregate with a message that is no event, and tells it again when that is voided', async () => {
      const [poisoned, sound] = [next(), next()];
      await of.added(poisoned, 1);
      const { told, blocked, reader, until } = keeping();
      await of.ports.subscription.watch(['test.thing'], reader, abort.signal, never);
      const before = told.length;
      const position = await of.poison(poisoned);
      await of.added(sound, 2);
      await until(() => told.includes(`+${sound}`));
      expect(told.slice(before)).toEqual([`?${poisoned}`, `+${sound}`]);
      expect(blocked.at(-1)).toMatchObject({ position });
      await of.void(position);
      await until(() => told.at(-1) === `+${poisoned}`);
      expect(told.slice(before + 2)).toEqual([`!${poisoned}`, `+${poisoned}`]);
      await of.added(poisoned, 3);
      await until(() => told.length === before + 5);
      expect(told.at(-1)).toBe(`+${poisoned}`);
    });
  });
}
