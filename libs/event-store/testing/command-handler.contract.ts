import { randomUUID } from 'node:crypto';
import { type Decider, refuse, streamOf, together } from '@app/kernel';
import { type PortsUnderTest, command, next, numberOf } from './ports-under-test.js';
import { type Put, add, put, shelf, tell, sample } from './item.js';

interface Gift {
  readonly from: string;
  readonly to: string;
  readonly n: number;
}
const both = ({ from, to }: Gift) => together({ from: sample.of(from), to: sample.of(to) });
/** Takes from one thing and gives to another. */
const give: Decider<{ from: number; to: number }, Gift, typeof Put, 'test.lacking'> = {
  on: both,
  decide: (sums, { data: { from, to, n } }) =>
    sums.from < n ? refuse('test.lacking', { sum: sums.from }) : [put(from, -n), put(to, n), put(from, 0, `gave ${n} to ${to}`)],
};
/** Writes one more fact of a thing, without a limit. */
const note: Decider<number, { id: string }, typeof Put> = {
  on: ({ id }) => sample.of(id),
  decide: (_sum, { data: { id } }) => [put(id, 0)],
};
/** Decides on two things and writes to one: nothing would notice that the other changed. */
const careless: Decider<unknown, Gift, typeof Put> = { on: both, decide: (_sums, { data: { to, n } }) => [put(to, n)] };

/** What commands are promised. */
export function describeCommandHandler(of: PortsUnderTest): void {
  describe('a command', () => {
    it('is decided on what happened, and answers where the last fact is that it wrote', async () => {
      const [one, two] = [next(), next()];
      await of.added(one, 7);
      const given = await of.ports.commands.handle(give, command({ from: one, to: two, n: 4 }));
      const facts = await of.factsOf(one, two);
      expect(facts.map(({ data }) => [(data as Put).item_id, (data as Put).n])).toEqual([
        [one, 7],
        [one, -4],
        [two, 4],
        [one, 0],
      ]);
      expect('position' in given && numberOf(given.position)).toBe(facts[3]?.position);
    });

    it('that is refused says why with what it knew, and writes nothing', async () => {
      const [one, two] = [next(), next()];
      await of.added(one, 7);
      const lacking = await of.ports.commands.handle(give, command({ from: one, to: two, n: 8 }));
      expect(lacking).toEqual({ refused: 'test.lacking', facts: { sum: 7 } });
      expect(await of.factsOf(one, two)).toHaveLength(1);
    });

    it('that changes nothing answers where its thing is, however far the log is', async () => {
      const id = next();
      const position = await of.added(id, 7);
      await of.added(next());
      expect(await of.added(id, 0)).toBe(position);
      expect(await of.added(next(), 0)).toMatch(/^f0(~|$)/);
    });

    it('sent again with its id is not carried out again, even where it would now be refused', async () => {
      const [one, two] = [next(), next()];
      await of.added(one, 7);
      const gift = command({ from: one, to: two, n: 4 });
      const first = await of.ports.commands.handle(give, gift);
      await of.added(one);
      expect(await of.ports.commands.handle(give, gift)).toEqual(first);
      expect(await of.factsOf(one, two)).toHaveLength(5);
    });

    it('without an id, or with another, is another', async () => {
      const id = next();
      const anonymous = { data: { id, n: 1 }, actor: 'token:test' };
      const positions = [await of.ports.commands.handle(add, anonymous), await of.ports.commands.handle(add, anonymous)];
      expect(new Set(positions.map((at) => JSON.stringify(at))).size).toBe(2);
      await of.added(id);
      expect(await of.factsOf(id)).toHaveLength(3);
    });

    it('never exceeds what its rule allows, however many come at once, and each is told yes or no', async () => {
      const id = next();
      const outcomes = await Promise.all(Array.from({ length: 30 }, () => of.ports.commands.handle(add, command({ id, n: 1 }))));
      expect(outcomes.filter((one) => 'position' in one)).toHaveLength(10);
      expect(await of.factsOf(id)).toHaveLength(10);
    });

    it('commits though five others keep writing to the same aggregate', async () => {
      const id = next();
      const client = async (): Promise<void> => {
        for (let n = 0; n < 20; n++) await of.ports.commands.handle(note, command({ id }));
      };
      await Promise.all(Array.from({ length: 6 }, client));
      expect(await of.factsOf(id)).toHaveLength(120);
    });

    it('whose rule does not write to each thing it reads is a bug, and writes nothing', async () => {
      const [one, two] = [next(), next()];
      await expect(of.ports.commands.handle(careless, command({ from: one, to: two, n: 1 }))).rejects.toThrow(one);
      expect(await of.factsOf(one, two)).toEqual([]);
    });

    it('is stored as it was said, whatever becomes of what said it', async () => {
      const id = next();
      const event = put(id, 1);
      await of.ports.commands.handle({ ...add, decide: () => [event] }, command({ id, n: 1 }));
      Object.assign(event.data, { n: 9 });
      expect(await of.ports.commands.read(sample.of(id))).toBe(1);
    });

    it('is written down with who asked, when, and what it came of', async () => {
      const id = next();
      const [commandId, causationId, another] = [randomUUID(), randomUUID(), randomUUID()];
      const at: string[] = [];
      const timed: typeof add = { ...add, decide: (sum, asked) => (at.push(asked.at), add.decide(sum, asked)) };
      await of.ports.commands.handle(timed, { ...command({ id, n: 1 }, commandId), causationId });
      await of.ports.commands.handle(timed, command({ id, n: 2 }, another));
      const facts = await of.factsOf(id);
      const by = { actor: 'token:test', stream: 'facts', type: 'test.thing.put', version: 1, subject: `facts.test.thing.${id}` };
      expect(facts).toMatchObject([
        { ...by, at: at[0], correlation_id: commandId, causation_id: causationId, data: { item_id: id, n: 1, note: '' } },
        { ...by, at: at[1], correlation_id: another, causation_id: another, data: { item_id: id, n: 2, note: '' } },
      ]);
      expect(new Set(facts.map((fact) => fact.id)).size).toBe(2);
    });
  });

  describe('on an aggregate with a message that cannot be read', () => {
    /** Takes everything away, whatever it cannot read. */
    const empty: Decider<number, { id: string }, typeof Put, 'test.empty'> = {
      on: ({ id }) => sample.of(id),
      passesUnreadable: true,
      decide: (sum, { data: { id } }) => (sum === 0 ? refuse('test.empty') : [put(id, -sum)]),
    };

    it('refuses to decide, and writes nothing', async () => {
      const id = next();
      await of.added(id, 3);
      const position = await of.poison(id);
      const refused = { code: 'event-store.history-unreadable', position, subject: `facts.test.thing.${id}` };
      await expect(of.ports.commands.handle(add, command({ id, n: 1 }))).rejects.toMatchObject(refused);
      await expect(of.ports.commands.read(sample.of(id))).rejects.toMatchObject(refused);
      expect(await of.ports.commands.read(sample.of(id), { passesUnreadable: true })).toBe(3);
    });

    it('carries out what only takes away, and appends behind the message', async () => {
      const id = next();
      await of.added(id, 3);
      const position = await of.poison(id);
      const emptied = await of.ports.commands.handle(empty, command({ id }));
      expect(numberOf((emptied as { position: string }).position)).toBeGreaterThan(position);
      expect(await of.ports.commands.read(sample.of(id), { passesUnreadable: true })).toBe(0);
    });

    it('does not refuse by what it could not read', async () => {
      const id = next();
      await of.poison(id);
      await expect(of.ports.commands.handle(empty, command({ id }))).rejects.toMatchObject({ code: 'event-store.history-unreadable' });
    });

    it('decides again once the message is voided', async () => {
      const id = next();
      await of.added(id, 3);
      await of.void(await of.poison(id));
      for (;;) {
        // The void is known to this process a moment after it is stored.
        const outcome = await of.ports.commands.handle(add, command({ id, n: 2 })).catch((error: { code?: string }) => error.code);
        if (outcome === 'event-store.history-unreadable') continue;
        expect(outcome).toMatchObject({ position: expect.any(String) as string });
        break;
      }
      expect(await of.ports.commands.read(sample.of(id))).toBe(5);
    });

    it('refuses a fact of a newer release, also to what takes away', async () => {
      const id = next();
      await of.ports.commands.handle(tell, command({ id }));
      await expect(of.ports.commands.read(tell.on({ id }))).rejects.toMatchObject({ code: 'event.unknown' });
    });

    it('carries out what takes away though the fold of a fact throws', async () => {
      const id = next();
      await of.added(id, 3);
      const fragile = streamOf('test.thing', shelf).folds<number>({
        initial: 0,
        evolve: {
          'test.thing.put': (sum, { data }) => {
            if (data.n === 3) throw new Error('cannot add three');
            return sum + data.n;
          },
          'test.thing.taken': (sum) => sum,
        },
      });
      const on = ({ id: one }: { id: string }) => fragile.of(one);
      const write = (): ReturnType<typeof put>[] => [put(id, 1)];
      await expect(of.ports.commands.handle({ on, decide: write }, command({ id }))).rejects.toMatchObject({ reason: 'fold.threw' });
      await of.ports.commands.handle({ on, decide: write, passesUnreadable: true }, command({ id }));
      expect(await of.ports.commands.read(sample.of(id))).toBe(4);
    });
  });

  it('reads what a rule would decide on, as it is once a command was answered', async () => {
    const id = next();
    expect(await of.ports.commands.read(sample.of(id))).toBe(0);
    for (const sum of [1, 2, 3]) {
      await of.added(id);
      expect(await of.ports.commands.read(sample.of(id))).toBe(sum);
    }
  });
}
