import { randomUUID } from 'node:crypto';
import { LogUnavailable } from '@app/event-store';
import { type NewEvent, Position, asId, newEvent } from '@app/kernel';
import { describeCommandHandler } from './command-handler.contract.js';
import { describeEventSubscription } from './event-subscription.contract.js';
import type { Ports } from './memory-log.js';
import { PortsUnderTest, command, hearing, never, next, numberOf, rising } from './ports-under-test.js';
import { describeRequests } from './requests.contract.js';
import { describeVersions } from './versions.contract.js';
import { Lifted, type ItemId, add, sample } from './item.js';

export interface Opened {
  readonly ports: Ports;
  /** Runs `ask` on the same log while it does not answer. */
  silent(ask: (ports: Ports) => Promise<void>): Promise<void>;
  /** Puts a message that is no event on the subject of a thing; answers where. */
  poison(id: string): Promise<number>;
  void(position: number): Promise<void>;
}

/** What the ports promise, to whoever stands on them. `open` is called once, before the first test. */
export function describePorts(name: string, open: () => Promise<Opened>): void {
  describe(name, () => {
    let log: Opened;
    const of = new PortsUnderTest();
    beforeAll(async () => {
      log = await open();
      of.ports = log.ports;
      of.poison = (id) => log.poison(id);
      of.void = (position) => log.void(position);
    });

    describeCommandHandler(of);
    describeRequests(of);
    describeEventSubscription(of);
    describeVersions(of);

    it('knows every thing of a kind that ever had a fact', async () => {
      const id = next();
      await of.added(id);
      await of.added(id);
      expect((await of.ports.idsOf('test.thing')).filter((one) => one === id)).toEqual([id]);
      expect(await of.ports.idsOf('test.other')).toEqual([]);
    });

    const lifted = newEvent(Lifted, { item_id: asId<ItemId>('a'), height: 3 });

    it('telemetry is kept, each where it says', async () => {
      const positions = [
        await of.ports.telemetry.keep(lifted, 'system:test', 5_000),
        await of.ports.telemetry.keep(lifted, 'system:test', 5_000),
      ];
      for (const position of positions) expect(Position.parse(position).of('telemetry')).toBe(numberOf(position));
      expect(positions.map(numberOf)).toEqual(rising(positions.map(numberOf)));
    });

    const said: NewEvent = { type: 'test.call.accepted', version: 1, subject: 'calls.test.call.lisbon', data: { call_id: 'c1' } };

    it('a call is kept once under its id, and where it was said again', async () => {
      const record = { actor: 'token:test', id: randomUUID(), timeoutMs: 5_000 };
      const position = await of.ports.calls.record(said, record);
      expect(Position.parse(position).of('calls')).toBe(numberOf(position));
      expect(await of.ports.calls.record(said, record)).toBe(position);
      const other = await of.ports.calls.record(said, { ...record, id: randomUUID() });
      expect(numberOf(other)).toBe(numberOf(position) + 1);
    });

    it('the first use of a key is told from every other, and had by one of many who ask at once', async () => {
      const [one, other] = [`a nonce, of any/characters*> ${randomUUID()}`, randomUUID()];
      expect([await of.ports.nonces.first(one), await of.ports.nonces.first(one), await of.ports.nonces.first(other)]).toEqual([
        true,
        false,
        true,
      ]);
      const contended = randomUUID();
      const asked = await Promise.all(Array.from({ length: 50 }, () => of.ports.nonces.first(contended)));
      expect(asked.filter((isFirst) => isFirst)).toHaveLength(1);
    });

    it('while it is silent nobody is told anything else, and no command is carried out', async () => {
      const id = next();
      await of.added(id);
      await log.silent(async (deaf) => {
        const rejected = (asked: Promise<unknown>): Promise<void> => expect(asked).rejects.toThrow(LogUnavailable);
        await Promise.all([
          rejected(deaf.commands.handle(add, command({ id, n: 1 }))),
          rejected(deaf.commands.read(sample.of(id))),
          rejected(
            deaf.subscription.watch(
              ['test.thing'],
              hearing(() => undefined),
              new AbortController().signal,
              never,
            ),
          ),
          rejected(deaf.calls.record(said, { actor: 'token:test', id: randomUUID(), timeoutMs: 200 })),
          rejected(deaf.nonces.first(randomUUID())),
          expect(deaf.telemetry.keep(lifted, 'system:test', 200)).rejects.toThrow(),
          expect(deaf.idsOf('test.thing')).rejects.toThrow(),
        ]);
      });
      expect(await of.factsOf(id)).toHaveLength(1);
    });
  });
}
