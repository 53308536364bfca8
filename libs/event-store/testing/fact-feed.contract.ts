import type { Recorded } from '@app/event-store';
import { type PortsUnderTest, command, never, next, numberOf, rising } from './ports-under-test.js';
import { tell, thing } from './thing.js';

/** What those are promised who follow facts. */
export function describeFactFeed(of: PortsUnderTest): void {
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
      return { heard, done: done.promise, begun: of.ports.feed.watch(['test.thing'], hear, abort.signal, done.reject) };
    };

    it('tells all there is before it says so, then what comes, in order', async () => {
      const [one, two, last] = [next(), next(), next()];
      await of.added(one);
      await of.added(two);
      const { heard, begun, done } = follow(last);
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
      const { heard, begun, done } = follow(id, 10);
      await Promise.all([begun, ...writing]);
      while ((await of.ports.commands.read(thing.of(id))) < 10) await of.added(id);
      await done;
      const positions = heard.map((fact) => fact.position);
      expect(positions).toEqual(rising(positions));
      expect(positions).toEqual((await of.factsOf(...(await of.ports.idsOf('test.thing')))).map((fact) => fact.position));
    });

    it('tells of the kinds that were asked for', async () => {
      await of.added(next());
      const [nothing, some]: Recorded[][] = [[], []];
      await of.ports.feed.watch(['test.other', 'test.thin'], (fact) => void nothing?.push(fact), abort.signal, never);
      await of.ports.feed.watch(['test.other', 'test.thing'], (fact) => void some?.push(fact), abort.signal, never);
      const last = next();
      const { done } = follow(last);
      await of.added(last);
      await done;
      expect(nothing).toEqual([]);
      expect(some?.length).toBeGreaterThan(0);
    });

    it('ends when its signal says so, and only for whom it was given', async () => {
      const ended = new AbortController();
      const heard: Recorded[] = [];
      await of.ports.feed.watch(['test.thing'], (fact) => void heard.push(fact), ended.signal, never);
      const before = heard.length;
      const last = next();
      const { done } = follow(last);
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
      for (let watches = 0; watches < 2; watches++) await of.ports.feed.watch(['test.thing'], hear, ended.signal, never);
      const last = next();
      const { begun, done } = follow(last);
      await begun;
      await of.added(last);
      await done;
      expect(heard).toHaveLength(1);
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
      await of.ports.feed.watch(['test.thing'], hear, abort.signal, (error) => (lost.push(error), isLost.resolve()));
      const before = heard.length;
      const { done } = follow(last, 2);
      await of.added(broken);
      await isLost.promise;
      for (const id of [last, broken, last]) await of.added(id);
      await done;
      expect(heard).toHaveLength(before);
      expect(lost.map(({ cause }) => String(cause))).toEqual(['Error: cannot be understood']);
    });

    it('is lost at a fact of a newer process: what that says may be what matters', async () => {
      const heard: Recorded[] = [];
      const lost = Promise.withResolvers<Error>();
      const watch = (onLost: (error: Error) => void) =>
        of.ports.feed.watch(['test.novelty'], (fact) => void heard.push(fact), abort.signal, onLost);
      await watch(lost.resolve);
      await of.ports.commands.handle(tell, command({ id: next() }));
      expect(await lost.promise).toMatchObject({ cause: { code: 'event.unknown' } });
      await expect(watch(() => undefined)).rejects.toMatchObject({ cause: { code: 'event.unknown' } });
      expect(heard).toEqual([]);
    });

    it('does not say that all was told when something could not be', async () => {
      await of.added(next());
      const lost: Error[] = [];
      const watched = of.ports.feed.watch(
        ['test.thing'],
        () => never(new Error('cannot be understood')),
        abort.signal,
        (e) => lost.push(e),
      );
      await expect(watched).rejects.toMatchObject({ cause: { message: 'cannot be understood' } });
      expect(lost).toHaveLength(1);
    });
  });
}
