import { AppendConflict, OutcomeUnknown } from '@app/event-store';
import { MemoryLog } from './memory-log.js';
import { describePorts } from './ports.contract.js';
import { hearing } from './ports-under-test.js';
import { Told, add, put, shelf, sample } from './item.js';

describePorts('the log in memory', async () => {
  const log = new MemoryLog(Object.values(shelf));
  log.unknown.add(Told.type);
  const silent = async (ask: (ports: MemoryLog) => Promise<void>): Promise<void> => {
    log.isDown = true;
    await ask(log);
    log.isDown = false;
  };
  const poisoned = async (id: string): Promise<number> => {
    log.unreadable.add(log.facts.length + 1);
    log.add(put(id));
    return log.facts.length;
  };
  return { ports: log, silent, poison: poisoned, void: async (position) => log.void(position) };
});

describe('what a test does to the log in memory', () => {
  const one = { data: { id: 'a', n: 1 }, actor: 'token:test', commandId: '5668e290-9eb2-5dfd-a901-43391446302e' };
  let log: MemoryLog;
  beforeEach(() => void (log = new MemoryLog()));

  it('before a command, as others would: to be faster, or to be in its way', async () => {
    log.before = () => log.add(put('a', 10));
    expect(await log.handle(add, one)).toEqual({ refused: 'test.full', facts: { sum: 10 } });
    log.before = () => Promise.reject(new AppendConflict('others kept writing'));
    await expect(log.handle(add, one)).rejects.toThrow(AppendConflict);
    expect(log.facts).toHaveLength(1);
  });

  it('after a command: its facts are there, and asked again it finds them', async () => {
    log.after = () => Promise.reject(new OutcomeUnknown(one.commandId));
    await expect(log.handle(add, one)).rejects.toThrow(OutcomeUnknown);
    log.after = () => undefined;
    expect(await log.handle(add, one)).toEqual({ position: 'f1' });
    expect(await log.read(sample.of('a'))).toBe(1);
  });

  it('to the feed: what it adds is heard at once, and what it holds back when it says so, in order', async () => {
    const heard: number[] = [];
    log.add(put('a', 1));
    log.isHeldBack = true;
    let isAllHeard = false;
    const hear = (fact: { position: number }): void => void heard.push(fact.position);
    const watched = log.subscription
      .watch(['test.thing'], hearing(hear), new AbortController().signal, fail)
      .then(() => (isAllHeard = true));
    log.add(put('b', 2), put('c', 3));
    await log.handle(add, { ...one, data: { id: 'd', n: 1 } });
    expect([heard, isAllHeard]).toEqual([[], false]);
    log.tell(1);
    await watched;
    expect(heard).toEqual([1]);
    log.isHeldBack = false;
    log.add(put('e', 5));
    expect(heard).toEqual([1, 2, 3, 4, 5]);
  });
});

const fail = (error: Error): void => {
  throw error;
};
