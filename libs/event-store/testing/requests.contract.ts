import { randomUUID } from 'node:crypto';
import { KeyReused } from '@app/event-store';
import { type Decider, together } from '@app/kernel';
import { type PortsUnderTest, command, next } from './ports-under-test.js';
import { type Put, add, put, sample } from './item.js';

interface Gift {
  readonly from: string;
  readonly to: string;
}
/** Writes a batch of which the first fact is on the same subject, whoever it gives to. */
const give: Decider<unknown, Gift, typeof Put> = {
  on: ({ from, to }) => together({ from: sample.of(from), to: sample.of(to) }),
  decide: (_sums, { data: { from, to } }) => [put(from, -1), put(to, 1)],
};

/** The reasons of those that failed, each as often as it occurs. */
const reasons = (settled: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
const answers = (settled: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  settled.flatMap((one) => (one.status === 'fulfilled' ? [JSON.stringify(one.value)] : []));

/** What commands of requests are promised: a key belongs to one request. */
export function describeRequests(of: PortsUnderTest): void {
  describe('a command of a request', () => {
    it('is refused when its id belongs to another request, and writes nothing', async () => {
      const id = next();
      const key = randomUUID();
      await of.ports.commands.handle(add, { ...command({ id, n: 1 }, key), request: 'one' });
      await expect(of.ports.commands.handle(add, { ...command({ id, n: 2 }, key), request: 'two' })).rejects.toThrow(KeyReused);
      expect((await of.factsOf(id)).map(({ data }) => (data as Put).n)).toEqual([1]);
    });

    it('answers as before when it is the same request, also where it would now be refused', async () => {
      const id = next();
      const asked = { ...command({ id, n: 10 }), request: 'one' };
      const first = await of.ports.commands.handle(add, asked);
      expect(await of.ports.commands.handle(add, asked)).toEqual(first);
      expect(await of.factsOf(id)).toHaveLength(1);
    });

    it('is refused when the other request wrote to another aggregate', async () => {
      const [one, two] = [next(), next()];
      const key = randomUUID();
      await of.ports.commands.handle(add, { ...command({ id: one, n: 1 }, key), request: 'one' });
      await expect(of.ports.commands.handle(add, { ...command({ id: two, n: 1 }, key), request: 'two' })).rejects.toThrow(KeyReused);
      expect(await of.factsOf(two)).toEqual([]);
    });

    it('is decided when the other request wrote no fact', async () => {
      const id = next();
      const key = randomUUID();
      const refused = await of.ports.commands.handle(add, { ...command({ id, n: 11 }, key), request: 'too much' });
      const without = await of.ports.commands.handle(add, { ...command({ id, n: 0 }, key), request: 'nothing' });
      const taken = await of.ports.commands.handle(add, { ...command({ id, n: 3 }, key), request: 'enough' });
      expect([refused, without, taken]).toEqual([
        { refused: 'test.full', facts: { sum: 0 } },
        { position: expect.stringMatching(/^f0(~|$)/) },
        { position: expect.any(String) },
      ]);
      expect(await of.factsOf(id)).toHaveLength(1);
    });

    it('answers as before when only one of the two attempts came with a request', async () => {
      const id = next();
      const asked = command({ id, n: 1 });
      const first = await of.ports.commands.handle(add, asked);
      expect(await of.ports.commands.handle(add, { ...asked, request: 'one' })).toEqual(first);
      expect(await of.factsOf(id)).toHaveLength(1);
    });

    it('is carried out for one of two requests that come at once, and refused for the other', async () => {
      const id = next();
      const key = randomUUID();
      const asks = Array.from({ length: 8 }, (_, i) => ({ ...command({ id, n: 1 + (i % 2) }, key), request: `${i % 2}` }));
      const settled = await Promise.allSettled(asks.map((asked) => of.ports.commands.handle(add, asked)));
      expect([new Set(answers(settled)).size, answers(settled).length, reasons(settled).length]).toEqual([1, 4, 4]);
      for (const reason of reasons(settled)) expect(reason).toBeInstanceOf(KeyReused);
      expect(await of.factsOf(id)).toHaveLength(1);
    });

    it('is carried out for one of two batches that come at once, and refused for the other', async () => {
      const [from, ...to] = [next(), next(), next()];
      const key = randomUUID();
      const asks = Array.from({ length: 8 }, (_, i) => ({ ...command({ from, to: to[i % 2] ?? '' }, key), request: `${i % 2}` }));
      const settled = await Promise.allSettled(asks.map((asked) => of.ports.commands.handle(give, asked)));
      expect([new Set(answers(settled)).size, answers(settled).length, reasons(settled).length]).toEqual([1, 4, 4]);
      for (const reason of reasons(settled)) expect(reason).toBeInstanceOf(KeyReused);
      expect(await of.factsOf(from, ...to)).toHaveLength(2);
    });

    it('is refused before an endpoint changes anything, when the endpoint reads for it', async () => {
      const id = next();
      const commandId = randomUUID();
      await of.ports.commands.handle(add, { ...command({ id, n: 4 }, commandId), request: 'one' });
      const read = (request: string): Promise<number> => of.ports.commands.read(sample.of(id), { repeats: { commandId, request } });
      expect(await read('one')).toBe(4);
      await expect(read('two')).rejects.toThrow(KeyReused);
    });
  });
}
