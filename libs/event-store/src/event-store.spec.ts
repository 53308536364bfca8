import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { type Append, Appender, EventStore, LogGap, LogRewound, type Recorded, StreamDrift, setUpEventStore } from '@app/event-store';
import { Lifted, type TestLog, type ItemId, muteProxy, openTestLog, put } from '@app/event-store/testing';
import { type Instant, type NewEvent, asId, newEvent } from '@app/kernel';
import { eventually } from '@app/runtime/testing';
import { delivered } from './delivered.js';
import { AggregateReader } from './aggregate-reader.js';
import { whenLed } from './when-led.js';

const at = '2026-02-01T12:00:00.000Z' as Instant;
const appending = (events: NewEvent[], expected: Record<string, number>, commandId: string = randomUUID()): Append => ({
  commandId,
  actor: 'token:test',
  at,
  events,
  expected: new Map(Object.entries(expected).map(([id, position]) => [`facts.test.thing.${id}`, position])),
});

let log: TestLog;
const next = (() => {
  let n = 0;
  return () => `t${++n}`;
})();
beforeAll(async () => void (log = await openTestLog()));
afterAll(() => log.stop());

const factsOf = async (id: string): Promise<Recorded[]> => {
  const jsm = await jetstreamManager(log.store.nc);
  const entries = await new AggregateReader(jsm, log.store.decoder).of(`facts.test.thing.${id}`);
  return entries.map(({ decoded }) => (decoded as { event: Recorded }).event);
};

describe('set-up', () => {
  it('may be run again, and the log stays who it is', async () => {
    const access = { ...log.nats.access, name: 'test' };
    expect(await setUpEventStore(access, log.sizes, log.marks)).toEqual({ ...log.store.identity, trouble: null });
  });

  it('gives facts and calls each the size that is theirs', async () => {
    const access = { ...log.nats.access, name: 'test' };
    const sizes = { ...log.sizes, factsMaxBytes: 3 * 1024 ** 3, callsMaxBytes: 2 * 1024 ** 3 };
    await setUpEventStore(access, sizes, log.marks);
    const sizeOf = async (stream: string) => (await log.store.info(stream)).config.max_bytes;
    expect([await sizeOf('FACTS'), await sizeOf('CALLS')]).toEqual([sizes.factsMaxBytes, sizes.callsMaxBytes]);
    await expect(EventStore.open(access, [], log.sizes, log.marks)).rejects.toThrow('CALLS.max_bytes is 2147483648');
    await setUpEventStore(access, log.sizes, log.marks);
  });

  it('brings a stream back to what this release declares; until then nobody opens the log', async () => {
    const access = { ...log.nats.access, name: 'test' };
    const jsm = await jetstreamManager(log.store.nc);
    await jsm.streams.update('TELEMETRY', { max_msgs_per_subject: 7 });
    const opening = EventStore.open(access, [], log.sizes, log.marks);
    await expect(opening).rejects.toThrow(StreamDrift);
    await expect(opening).rejects.toThrow('TELEMETRY.max_msgs_per_subject is 7, not 120');
    await setUpEventStore(access, log.sizes, log.marks);
    await (await EventStore.open(access, [], log.sizes, log.marks)).close();
  });
});

describe('append', () => {
  it('stores a fact as a CloudEvent in binary mode', async () => {
    const id = next();
    const append = appending([put(id, 3)], { [id]: 0 });
    const appended = await log.store.appender.append(append);
    if (appended.outcome !== 'committed') throw new Error(appended.outcome);
    const jsm = await jetstreamManager(log.store.nc);
    const message = await jsm.streams.getMessage('FACTS', { seq: appended.position });
    const headers = Object.fromEntries([...(message?.header ?? [])].map(([name, [value]]) => [name, value]));
    expect(headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-type': 'test.thing.put',
      'ce-source': `/instances/${log.store.identity.instance_id}`,
      'ce-subject': id,
      'ce-time': at,
      'ce-dataschema': '/schemas/test.thing.put/1',
      'ce-actor': 'token:test',
      'ce-correlationid': append.commandId,
      'content-type': 'application/json',
    });
    expect(headers['Nats-Msg-Id']).toBe(headers['ce-id']);
    expect(message?.json()).toEqual({ item_id: id, n: 3, note: '' });
  });

  it('stores nothing when somebody wrote in between, and says where they are', async () => {
    const id = next();
    const first = await log.store.appender.append(appending([put(id)], { [id]: 0 }));
    const second = await log.store.appender.append(appending([put(id)], { [id]: 0 }));
    expect(second).toEqual({ outcome: 'conflict', subject: `facts.test.thing.${id}`, actual: (first as { position: number }).position });
    expect(await factsOf(id)).toHaveLength(1);
  });

  it('stores what one decision says of several things, or nothing of it', async () => {
    const [one, two] = [next(), next()];
    const batch = appending([put(one), put(two), put(one, 2)], { [one]: 0, [two]: 0 });
    const stored = await log.store.appender.append(batch);
    expect(stored).toMatchObject({ outcome: 'committed', duplicate: false });
    const positions = [...(await factsOf(one)), ...(await factsOf(two))].map(({ position }) => position).sort((a, b) => a - b);
    const last = (stored as { position: number }).position;
    expect(positions).toEqual([last - 2, last - 1, last]);

    const three = next();
    const torn = await log.store.appender.append(appending([put(three), put(two)], { [three]: 0, [two]: 0 }));
    expect(torn).toMatchObject({ outcome: 'conflict', subject: `facts.test.thing.${two}` });
    expect(await factsOf(three)).toEqual([]);
  });

  it.each([1, 3])('is done once however often the same command comes (%s facts)', async (count) => {
    const id = next();
    const append = appending(
      Array.from({ length: count }, (_, i) => put(id, i)),
      { [id]: 0 },
    );
    const first = await log.store.appender.append(append);
    const again = await log.store.appender.append(append);
    expect(again).toEqual({ ...first, duplicate: true });
    expect(await factsOf(id)).toHaveLength(count);
  });

  it('lets exactly one of many who saw the same win', async () => {
    const id = next();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => log.store.appender.append(appending([put(id)], { [id]: 0 }))));
    expect(outcomes.filter(({ outcome }) => outcome === 'committed')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(49);
    expect(await factsOf(id)).toHaveLength(1);
  });

  it('knows what the server says to the end of a batch whose beginning was lost: nothing is stored, and it may be sent again', async () => {
    const h = headers();
    for (const [name, value] of [
      ['Nats-Batch-Id', 'torn'],
      ['Nats-Batch-Sequence', '2'],
      ['Nats-Batch-Commit', '1'],
    ] as const)
      h.set(name, value);
    const answer = await log.store.nc.request(`facts.test.thing.${next()}`, '{}', { headers: h, timeout: 5_000 });
    expect(answer.json()).toMatchObject({ error: { err_code: 10176 } });
  });

  it('refuses an event without an expectation: that is a bug', async () => {
    await expect(log.store.appender.append(appending([put(next())], {}))).rejects.toThrow(RangeError);
  });
});

describe('an append whose acknowledgement is lost', () => {
  const openMuted = async (limits: { ackMs: number; resolveMs: number }) => {
    const [server = ''] = [log.nats.access.servers].flat();
    const proxy = await muteProxy(server);
    const nc = await connect({ ...log.nats.access, servers: proxy.url, maxReconnectAttempts: -1, reconnectTimeWait: 20 });
    const jsm = await jetstreamManager(nc);
    const appender = new Appender(nc, new AggregateReader(jsm, log.store.decoder), log.store.identity, log.store.gate, limits);
    return {
      proxy,
      appender,
      close: async () => {
        await nc.close();
        await proxy.close();
      },
    };
  };

  it.each([1, 3])('is found, and not stored twice (%s facts)', async (count) => {
    const { proxy, appender, close } = await openMuted({ ackMs: 300, resolveMs: 20_000 });
    const id = next();
    proxy.mute();
    const appended = appender.append(
      appending(
        Array.from({ length: count }, (_, i) => put(id, i)),
        { [id]: 0 },
      ),
    );
    while ((await factsOf(id)).length < count);
    proxy.unmute();
    expect(await appended).toMatchObject({ outcome: 'committed', duplicate: true });
    expect(await factsOf(id)).toHaveLength(count);
    await close();
  });

  it('is unknown when nobody answers in time, and can be sent again', async () => {
    const { proxy, appender, close } = await openMuted({ ackMs: 100, resolveMs: 300 });
    const id = next();
    const append = appending([put(id)], { [id]: 0 });
    proxy.mute();
    expect(await appender.append(append)).toEqual({ outcome: 'unknown', commandId: append.commandId });
    await close();
    expect(await log.store.appender.append(append)).toMatchObject({ outcome: 'committed', duplicate: true });
    expect(await factsOf(id)).toHaveLength(1);
  });
});

describe('follow', () => {
  const everything = async (after: number, until: (seen: number[]) => boolean): Promise<number[]> => {
    const abort = new AbortController();
    const seen: number[] = [];
    const from = { stream: 'FACTS', after, incarnation: log.store.identity.incarnation, dense: true };
    for await (const { messages } of log.store.consume(from, abort.signal)) {
      seen.push(...messages.map(({ seq }) => seq));
      if (until(seen)) abort.abort();
    }
    return seen;
  };
  const lastSeq = async (): Promise<number> => (await log.store.info('FACTS')).state.last_seq;

  it('hands over every fact after a position, in order', async () => {
    const end = await lastSeq();
    const all = await everything(0, (seen) => seen.at(-1) === end);
    expect(all).toEqual(Array.from({ length: end }, (_, i) => i + 1));
    expect(await everything(end - 3, (seen) => seen.at(-1) === end)).toEqual([end - 2, end - 1, end]);
  });

  it('goes on after the server was killed', async () => {
    const end = await lastSeq();
    const id = next();
    const caughtUp = Promise.withResolvers<void>();
    const consuming = everything(0, (seen) => {
      if (seen.at(-1) === end) caughtUp.resolve();
      return (seen.at(-1) ?? 0) > end;
    });
    await caughtUp.promise;
    await log.nats.kill();
    await log.nats.restart();
    await log.store.appender.append(appending([put(id)], { [id]: 0 }));
    expect(await consuming).toEqual(Array.from({ length: end + 1 }, (_, i) => i + 1));
  });

  it('names each consumer by 128 random bits, so that other users of the server cannot guess it', async () => {
    const jsm = await jetstreamManager(log.store.nc);
    const names = async (): Promise<string[]> => (await jsm.consumers.list('FACTS').next()).map(({ name }) => name);
    const before = await names();
    const abort = new AbortController();
    await log.store.appender.append(appending([put('named')], { named: 0 }));
    const from = { stream: 'FACTS', after: 0, incarnation: log.store.identity.incarnation, dense: true };
    const followers = ['one', 'two'].map(() => log.store.consume(from, abort.signal));
    for (const subscriber of followers) await subscriber.next();
    const made = (await names()).filter((name) => !before.includes(name));
    abort.abort();
    for (const subscriber of followers) await subscriber.return();
    // A subscriber of a test before may have made one more, after its connection was cut.
    expect(made.length).toBeGreaterThanOrEqual(2);
    for (const name of made) expect(name).toMatch(/^[0-9a-f]{32}_1$/);
    expect(new Set(made).size).toBe(made.length);
  });

  it.each([
    ['another log', { incarnation: 'other' }],
    ['a log that lost its end', { after: 1_000_000 }],
  ])('does not take %s for its own', async (_name, wrong) => {
    const from = { stream: 'FACTS', after: 0, incarnation: log.store.identity.incarnation, dense: true, ...wrong };
    await expect(log.store.consume(from, new AbortController().signal).next()).rejects.toThrow(LogRewound);
  });
});

describe('a message that is delivered', () => {
  it('has the headers that the client would find, and has not let it look for them', async () => {
    const id = next();
    const append = appending([put(id)], { [id]: 0 });
    await log.store.appender.append({ ...append, actor: 'token:Zoë: 1' });
    const consumer = await jetstream(log.store.nc).consumers.get('FACTS', { filter_subjects: `facts.test.thing.${id}` });
    const message = await whenLed(
      log.store.nc,
      () => consumer.next(),
      () => undefined,
    ); // Our server may not know yet where the consumer is.
    if (message?.headers === undefined) throw new Error('no message');
    const { headers: found } = delivered(message);
    expect([...message.headers].map(([name]) => [name, found?.get(name)])).toEqual(
      [...message.headers].map(([name, [value]]) => [name, value]),
    );
    expect(found?.get('ce-actor')).toBe('token:Zoë: 1');
    expect(found?.get('type')).toBe('');
    expect(found).not.toBe(message.headers);
  });
});

describe('a hole', () => {
  it.each([
    ['among facts stops the reader', true],
    ['in telemetry is how telemetry is', false],
  ])('%s', async (_name, dense) => {
    const name = `HOLE_${dense}`;
    const jsm = await jetstreamManager(log.store.nc);
    await jsm.streams.add({ name, subjects: [`hole.${dense}`] });
    for (let n = 0; n < 3; n++) await log.store.nc.request(`hole.${dense}`, '{}');
    await jsm.streams.deleteMessage(name, 2);
    const from = { stream: name, after: 0, incarnation: log.store.identity.incarnation, dense };
    const first = log.store.consume(from, new AbortController().signal).next();
    if (dense) await expect(first).rejects.toThrow(LogGap);
    else expect((await first).value?.messages.map(({ seq }) => seq)).toEqual([1, 3]);
  });
});

describe('browse', () => {
  it('shows the newest first and goes on where it stopped', async () => {
    const id = next();
    for (let n = 1; n <= 5; n++)
      await log.store.appender.append(appending([put(id, n)], { [id]: (await factsOf(id)).at(-1)?.position ?? 0 }));
    const subject = `facts.test.thing.${id}`;
    const first = await log.store.browser.browse({ stream: 'facts', subject, limit: 3 });
    expect(first.events.map(({ data }) => (data as { n: number }).n)).toEqual([5, 4, 3]);
    const rest = await log.store.browser.browse({ stream: 'facts', subject, limit: 3, before: first.next ?? 0 });
    expect(rest.events.map(({ data }) => (data as { n: number }).n)).toEqual([2, 1]);
    expect(rest.next).toBeNull();
  });

  it('reads telemetry too', async () => {
    const position = await log.store.telemetry.keep(newEvent(Lifted, { item_id: asId<ItemId>('a'), height: 3 }), 'system:test', 5_000);
    const shown = () => log.store.browser.browse({ stream: 'telemetry', limit: 1 });
    const isShown = async (): Promise<boolean> => (await shown()).events.length > 0;
    expect(await eventually(isShown, 20_000)).toBe(true); // On a cluster the replica that is asked may lag behind the leader.
    const { events } = await shown();
    expect(position).toBe(log.store.gate.token({ telemetry: events[0]?.position ?? 0 }));
    expect(events).toMatchObject([{ type: 'test.thing.lifted', stream: 'telemetry', actor: 'system:test', data: { height: 3 } }]);
  });
});
