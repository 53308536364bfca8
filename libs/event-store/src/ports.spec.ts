import { randomUUID } from 'node:crypto';
import { jetstreamManager } from '@nats-io/jetstream';
import { IsString } from 'class-validator';
import { CALLS, EventStore, LogUnavailable, type Recorded, Unanswered } from '@app/event-store';
import {
  type MuteProxy,
  type TestLog,
  add,
  hearing,
  muteProxy,
  openTestLog,
  poison,
  put,
  shelf,
  take,
  takeAsBefore,
  voidMessage,
} from '@app/event-store/testing';
import type { NewEvent } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { describePorts } from '../testing/ports.contract.js';

let log: TestLog;
let proxy: MuteProxy;
beforeAll(async () => {
  log = await openTestLog();
  proxy = await muteProxy([log.nats.access.servers].flat()[0] ?? '');
});
afterAll(async () => {
  await proxy.close();
  await log.stop();
});

/** The same log, over a network in which answers can get lost. */
const behindProxy = (): Promise<EventStore> =>
  EventStore.open({ ...log.nats.access, servers: proxy.url, name: 'behind' }, Object.values(shelf), log.sizes, log.marks);
const deadline = async <T>(promise: Promise<T>, what: string): Promise<T> => {
  const timer = Promise.withResolvers<never>();
  const timeout = setTimeout(() => timer.reject(new Error(`not within 20 s: ${what}`)), 20_000);
  return Promise.race([promise, timer.promise]).finally(() => clearTimeout(timeout));
};

describePorts('the event log', async () => {
  const silent = async (ask: (ports: EventStore) => Promise<void>): Promise<void> => {
    const store = await behindProxy();
    proxy.mute();
    await ask(store);
    proxy.unmute();
    await store.close();
  };
  const { store } = log;
  const { subscription, telemetry, calls, nonces } = store;
  const commands = store.commandsOfRequests(new Uint8Array(32));
  return {
    ports: { commands, subscription, telemetry, calls, nonces, idsOf: (kind) => store.idsOf(kind) },
    silent,
    poison: (id) => poison(store, `facts.test.thing.${id}`),
    void: (position) => voidMessage(store, position),
  };
});

it('says that it is unavailable, and waits for nothing, once this process hangs up', async () => {
  const store = await behindProxy();
  const draining = store.nc.drain();
  const refused = (asked: Promise<unknown>): Promise<void> => expect(asked).rejects.toThrow(LogUnavailable);
  const asks = (): Promise<void>[] => [
    refused(store.commands.handle(add, { data: { id: 'drained', n: 1 }, actor: 'token:test' })),
    refused(store.appender.append({ commandId: randomUUID(), actor: 'a', at: NOW, events: [put('drained')], expected: new Map() })),
    refused(store.calls.record(put('drained'), { actor: 'token:test', id: randomUUID(), timeoutMs: 1_000 })),
    refused(store.telemetry.keep(put('drained'), 'token:test', 1_000)),
    refused(store.nonces.first('drained')),
    refused(store.browser.browse({ stream: 'facts', limit: 1 })),
    refused(store.info('FACTS')),
    refused(store.storedAt('FACTS', 1)),
    refused(store.idsOf('test.thing')),
  ];
  await Promise.all(asks());
  await draining;
  await Promise.all(asks());
});

describe('the call log', () => {
  const said: NewEvent = { type: 'test.call.accepted', version: 1, subject: 'calls.test.call.lisbon', data: { call_id: 'c1' } };

  it('keeps what it is told as it was said', async () => {
    const record = { actor: 'token:test', id: randomUUID(), timeoutMs: 5_000 };
    await log.store.calls.record(said, record);
    const { events } = await log.store.browser.browse({ stream: 'calls', limit: 1 });
    expect(events).toMatchObject([{ type: said.type, id: record.id, actor: 'token:test', data: { call_id: 'c1' }, stream: 'calls' }]);
  });

  it('is not altered by whoever may write to it', async () => {
    const jsm = await jetstreamManager(log.store.nc);
    await expect(jsm.streams.deleteMessage(CALLS, 1)).rejects.toThrow('not permitted');
    await expect(jsm.streams.purge(CALLS)).rejects.toThrow('not permitted');
  });
});

describe('the feed of facts', () => {
  const fail = (error: unknown): void => {
    throw error;
  };
  const store = async (...items: string[]): Promise<void> => {
    for (const id of items) await log.store.commands.handle(add, { data: { id, n: 1 }, actor: 'token:test' });
  };

  it('goes on after an outage, and tells nothing twice', async () => {
    const behind = await behindProxy();
    const heard: Recorded[] = [];
    const abort = new AbortController();
    const last = Promise.withResolvers<void>();
    const hear = (fact: Recorded): void => {
      heard.push(fact);
      if (fact.subject.endsWith('.feed-after')) last.resolve();
    };
    await behind.subscription.watch(['test.thing'], hearing(hear), abort.signal, fail);
    proxy.mute();
    await store('feed-during');
    proxy.unmute();
    await store('feed-after');
    await deadline(last.promise, 'the fact after the outage');
    expect(heard.filter(({ subject }) => subject.endsWith('.feed-during'))).toHaveLength(1);
    expect(new Set(heard.map(({ position }) => position)).size).toBe(heard.length);
    abort.abort();
    await behind.close();
  });

  it('doubts everything in a process that does not know what was written', async () => {
    const older = await EventStore.open({ ...log.nats.access, name: 'older' }, [], log.sizes, log.marks);
    await store('feed-older');
    const abort = new AbortController();
    const blocked: string[] = [];
    const reader = { hear: fail, unreadable: (subject: string) => void blocked.push(subject), again: () => undefined };
    await older.subscription.watch(['test.thing'], reader, abort.signal, fail);
    expect(blocked).toContain('facts.test.thing.feed-older');
    abort.abort();
    await older.close();
  });
});

it('the browser shows each fact in the version and the shape that it was written in', async () => {
  const taken = { data: { id: 'browsed', n: 2 }, actor: 'token:test' };
  await log.store.commands.handle(takeAsBefore, taken);
  await log.store.commands.handle(take, taken);
  const { events } = await log.store.browser.browse({ stream: 'facts', subject: 'facts.test.thing.browsed', limit: 2 });
  expect(events).toMatchObject([
    { version: 2, data: { n: 2, by: 'ada' } },
    { version: 1, data: { count: 2 } },
  ]);
});

describe('questions', () => {
  class Asked {
    @IsString() readonly name: string;
  }

  it('are answered by whoever answers that name', async () => {
    const stop = log.store.rpc.answer('test.greet', Asked, async ({ name }) => ({ words: `hello ${name}` }));
    expect(await log.store.rpc.ask('test.greet', { name: 'ada' }, 2_000)).toEqual({ words: 'hello ada' });
    stop();
    await expect(log.store.rpc.ask('test.greet', { name: 'ada' }, 2_000)).rejects.toThrow(Unanswered);
  });

  it('are not handed over when they are not understood, and say why', async () => {
    const heard: Asked[] = [];
    const stop = log.store.rpc.answer('test.strict', Asked, async (request) => (heard.push(request), {}));
    await expect(log.store.rpc.ask('test.strict', { name: 7 }, 2_000)).rejects.toThrow('not understood');
    await expect(log.store.rpc.ask('test.strict', { name: 'x', more: 1 }, 2_000)).rejects.toThrow('not understood');
    log.store.nc.publish('ask.test.strict', 'no json'); // Without anybody who waits for an answer.
    await expect(log.store.rpc.ask('test.strict', [], 2_000)).rejects.toThrow('not understood');
    expect(heard).toEqual([]);
    stop();
  });

  it('say what went wrong where they are answered', async () => {
    const stop = log.store.rpc.answer('test.fail', Asked, () => Promise.reject(new Error('the socket is gone')));
    await expect(log.store.rpc.ask('test.fail', { name: 'x' }, 2_000)).rejects.toThrow('the socket is gone');
    stop();
  });

  it('are heard by every process when one alone may know', async () => {
    const other = await EventStore.open({ ...log.nats.access, name: 'other' }, [], log.sizes, log.marks);
    const holds =
      (mine: string) =>
      async ({ name }: Asked) =>
        name === mine ? { by: mine } : undefined;
    const stops = [
      log.store.rpc.answer('test.hold', Asked, holds('a'), { sole: false }),
      other.rpc.answer('test.hold', Asked, holds('b'), { sole: false }),
    ];
    await other.nc.flush();
    // On a cluster the servers tell each other of a subscription a moment later.
    const ask = (name: string): Promise<object> => log.store.rpc.ask('test.hold', { name }, 200).catch(() => ask(name));
    expect(await deadline(ask('b'), 'b answers')).toEqual({ by: 'b' });
    expect(await log.store.rpc.ask('test.hold', { name: 'a' }, 2_000)).toEqual({ by: 'a' });
    await expect(log.store.rpc.ask('test.hold', { name: 'c' }, 200)).rejects.toThrow(Unanswered);
    stops.forEach((stop) => stop());
    await other.close();
  });
});

it('the first use of a key is told from that in another process', async () => {
  const other = await EventStore.open({ ...log.nats.access, name: 'replica' }, [], log.sizes, log.marks);
  expect([await log.store.nonces.first('a nonce'), await other.nonces.first('a nonce'), await other.nonces.first('another')]).toEqual([
    true,
    false,
    true,
  ]);
  await other.close();
});
