import { randomUUID } from 'node:crypto';
import { type Append, AppendConflict, type Appended, type Recorded } from '@app/event-store';
import { type Put, add, openGate, put, sample } from '@app/event-store/testing';
import { type Decider, together } from '@app/kernel';
import type { Appender } from './appender.js';
import { eventId } from './envelope.js';
import type { Entry, AggregateReader } from './aggregate-reader.js';
import { LogCommandHandler } from './log-command-handler.js';

const SUBJECT = 'facts.test.thing.a';
const entry = (event: Recorded): Entry => ({ position: event.position, id: event.id, requestMark: '', decoded: { is: 'event', event } });
const fact = (position: number, n = 0): Recorded => ({
  type: 'test.thing.put',
  version: 1,
  subject: SUBJECT,
  data: { item_id: 'a', n, note: '' },
  id: randomUUID(),
  at: '2026-02-01T12:00:00.000Z' as Recorded['at'],
  stream: 'facts',
  position,
  actor: 'token:other',
  correlation_id: 'c',
  causation_id: 'c',
});

/** A log in which somebody else is always faster, as the appender and the leader tell it. */
class ContendedLog {
  readonly expected: number[] = [];
  private end = 0;

  readonly append = async ({ expected }: Append): Promise<Appended> => {
    this.expected.push(expected.get(SUBJECT) ?? -1);
    return { outcome: 'conflict', subject: SUBJECT, actual: ++this.end };
  };
  readonly of = async (): Promise<Entry[]> => [];
  readonly atLeader = async (_subject: string, from: number): Promise<Entry[]> =>
    Array.from({ length: this.end - from }, (_, i) => entry(fact(from + i + 1)));

  handler(limits: { retryMs: number; firstPauseMs: number; longestPauseMs: number }): LogCommandHandler {
    return new LogCommandHandler(this as unknown as Appender, this as unknown as AggregateReader, openGate, undefined, limits);
  }
}

const command = { data: { id: 'a', n: 1 }, actor: 'token:test', commandId: randomUUID() };

describe('LogCommandHandler under conflicts that do not end', () => {
  it('throws AppendConflict when the time for retries is over', async () => {
    const log = new ContendedLog();
    await expect(log.handler({ retryMs: 150, firstPauseMs: 1, longestPauseMs: 2 }).handle(add, command)).rejects.toThrow(AppendConflict);
    expect(log.expected.length).toBeGreaterThan(3);
  });

  it('decides each attempt on what the leader has, and never twice on the same', async () => {
    const log = new ContendedLog();
    await expect(log.handler({ retryMs: 50, firstPauseMs: 1, longestPauseMs: 2 }).handle(add, command)).rejects.toThrow(AppendConflict);
    expect(log.expected).toEqual(log.expected.map((_, attempt) => attempt));
  });

  it('tries once when no time is left at all', async () => {
    const log = new ContendedLog();
    await expect(log.handler({ retryMs: 0, firstPauseMs: 1, longestPauseMs: 2 }).handle(add, command)).rejects.toThrow(AppendConflict);
    expect(log.expected).toEqual([0]);
  });
});

const nobody: unknown = { append: () => Promise.reject(new Error('nothing is to be written')) };
const move: Decider<unknown, { from: string; to: string }, typeof Put> = {
  on: ({ from, to }) => together({ from: sample.of(from), to: sample.of(to) }),
  decide: (_state, { data: { from, to } }) => [put(from, -1), put(to, 1)],
};

describe('LogCommandHandler before a replica that lacks the newest facts', () => {
  const behind = (known: Recorded[], atLeader: Recorded[]) => {
    const appended: number[] = [];
    const appender = {
      append: async ({ expected }: Append): Promise<Appended> => {
        appended.push(expected.get(SUBJECT) ?? -1);
        return { outcome: 'committed', position: 9, duplicate: false };
      },
    };
    const aggregates = {
      of: async () => known.map(entry),
      atLeader: async (_subject: string, from: number) => atLeader.filter(({ position }) => position > from).map(entry),
    };
    const handler = new LogCommandHandler(appender as unknown as Appender, aggregates as unknown as AggregateReader, openGate);
    return { handler, appended };
  };

  it('refuses nothing that the leader would allow', async () => {
    const { handler, appended } = behind([fact(1, 10)], [fact(1, 10), fact(2, -10)]);
    expect(await handler.handle(add, command)).toEqual({ position: 'f9' });
    expect(appended).toEqual([2]);
  });

  it('refuses with what the leader has', async () => {
    const { handler, appended } = behind([fact(1, 10)], [fact(1, 10), fact(2, 5)]);
    expect(await handler.handle(add, command)).toEqual({ refused: 'test.full', facts: { sum: 15 } });
    expect(appended).toEqual([]);
  });

  it('answers where a repeated command ends when a replica has the batch of one subject only', async () => {
    const commandId = randomUUID();
    const written = ['a', 'b'].map((id, i) => ({ ...fact(7 + i), subject: `facts.test.thing.${id}`, id: eventId(commandId, i) }));
    const on = (subject: string) => written.filter((one) => one.subject === subject);
    const aggregates = {
      of: async (subject: string) => (subject === SUBJECT ? on(subject).map(entry) : []),
      atLeader: async (subject: string, from: number) => on(subject).filter(({ position }) => position > from).map(entry), // prettier-ignore
    };
    const handler = new LogCommandHandler(nobody as Appender, aggregates as unknown as AggregateReader, openGate);
    expect(await handler.handle(move, { data: { from: 'a', to: 'b' }, actor: 'token:test', commandId })).toEqual({ position: 'f8' });
  });
});
