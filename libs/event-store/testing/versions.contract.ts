import type { Recorded } from '@app/event-store';
import { type PortsUnderTest, command, hearing, never, next } from './ports-under-test.js';
import { Taken, add, take, takeAsBefore, sample } from './item.js';

/** What every reader is promised of a stream that releases before and after a change of a fact wrote to. */
export function describeVersions(of: PortsUnderTest): void {
  describe('facts of two versions of one type', () => {
    /** 9, less 2 as a release of before wrote it, less 1 as this one does, less 3 as before again: 3. */
    const mixed = async (): Promise<string> => {
      const id = next();
      await of.added(id, 9);
      await of.ports.commands.handle(takeAsBefore, command({ id, n: 2 }));
      await of.ports.commands.handle(take, command({ id, n: 1 }));
      await of.ports.commands.handle(takeAsBefore, command({ id, n: 3 }));
      return id;
    };

    it('are folded together by a rule, for what it answers and for what it refuses', async () => {
      const id = await mixed();
      expect(await of.ports.commands.read(sample.of(id))).toBe(3);
      expect(await of.ports.commands.handle(add, command({ id, n: 8 }))).toEqual({ refused: 'test.full', facts: { sum: 3 } });
      expect(await of.added(id, 7)).toMatch(/^f/);
      expect(await of.ports.commands.read(sample.of(id))).toBe(10);
    });

    it("reach whoever follows in today's shape, also while they are written", async () => {
      const id = next();
      const abort = new AbortController();
      const heard: Recorded[] = [];
      const done = Promise.withResolvers<void>();
      const hear = (fact: Recorded): void => {
        if (!fact.subject.endsWith(`.${id}`)) return;
        heard.push(fact);
        if (heard.length === 2) done.resolve();
      };
      await of.added(id, 9);
      await of.ports.commands.handle(takeAsBefore, command({ id, n: 2 }));
      heard.length = 0;
      await of.ports.subscription.watch([sample.name], hearing(hear), abort.signal, done.reject);
      expect(heard.map(({ data }) => data)).toEqual([
        { item_id: id, n: 9, note: '' },
        { item_id: id, n: 2, by: null },
      ]);
      const live = Promise.withResolvers<void>();
      await of.ports.subscription.watch(
        [sample.name],
        hearing((fact) => void (fact.actor === 'token:live' && live.resolve())),
        abort.signal,
        never,
      );
      await of.ports.commands.handle(takeAsBefore, { ...command({ id, n: 3 }), actor: 'token:live' });
      await live.promise;
      abort.abort();
      expect((await of.factsOf(id)).filter(({ type }) => type === Taken.type)).toMatchObject([
        { version: 2, data: { n: 2, by: null } },
        { version: 2, data: { n: 3, by: null } },
      ]);
    });

    it('are folded by a cache as by a rule', async () => {
      const id = await mixed();
      expect((await of.factsOf(id)).reduce(sample.next, sample.initial)).toBe(3);
    });
  });
}
