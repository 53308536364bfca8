import { randomUUID } from 'node:crypto';
import type { FactReader, Recorded } from '@app/event-store';
import type { Ports } from './memory-log.js';
import { type Put, add } from './item.js';

export const command = <Data>(data: Data, commandId: string = randomUUID()) => ({ data, actor: 'token:test', commandId });
/** The id of a thing that nobody wrote of yet. */
export const next = (): string => `thing-${randomUUID()}`;
/** A reader that hears facts, and does not care for those that cannot be read. */
export const hearing = (hear: (fact: Recorded) => void): FactReader => ({
  hear,
  unreadable: () => undefined,
  again: () => undefined,
});
export const never = (error: Error): void => {
  throw error;
};
/** The number in a position of one stream. */
export const numberOf = (position: string): number => Number(/^[fct](\d+)/.exec(position)?.[1]);
export const rising = (numbers: readonly number[]): number[] => [...new Set(numbers)].toSorted((a, b) => a - b);

/** Ports that are open by the time a test runs. */
export class PortsUnderTest {
  ports: Ports;
  poison: (id: string) => Promise<number>;
  void: (position: number) => Promise<void>;

  /** Where what was added is. */
  async added(id: string, n = 1): Promise<string> {
    const outcome = await this.ports.commands.handle(add, command({ id, n }));
    if ('refused' in outcome) throw new Error(outcome.refused);
    return outcome.position;
  }

  /** Every fact there is of some things, as the feed tells them. */
  async factsOf(...ids: string[]): Promise<Recorded[]> {
    const facts: Recorded[] = [];
    const abort = new AbortController();
    await this.ports.subscription.watch(
      ['test.thing'],
      hearing((fact) => void facts.push(fact)),
      abort.signal,
      never,
    );
    abort.abort();
    return facts.filter(({ data }) => ids.includes((data as Put).item_id));
  }
}
