import { AckPolicy, jetstream, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, nanos, type NatsConnection } from '@nats-io/transport-node';
import { startTestNats, type TestNats } from '@app/runtime/testing';

let nats: TestNats;
let admin: NatsConnection;
let app: NatsConnection;
let reader: NatsConnection;
let setUp: JetStreamManager;
let appManager: JetStreamManager;
let readerManager: JetStreamManager;

const open: NatsConnection[] = [];

beforeAll(async () => {
  nats = await startTestNats({ users: true });
  admin = await connect({ ...nats.users.admin });
  app = await connect({ ...nats.users.app });
  reader = await connect({ ...nats.users.reader });
  open.push(admin, app, reader);
  setUp = await jetstreamManager(admin);
  const journal = { FACTS: 'facts', TELEMETRY: 'telemetry', CALLS: 'calls' };
  for (const [name, subject] of Object.entries(journal)) await setUp.streams.add({ name, subjects: [`${subject}.>`], allow_direct: true });
  await new Kvm(admin).create('lease');
  appManager = await jetstreamManager(app);
  readerManager = await jetstreamManager(reader);
  await jetstream(app).publish('telemetry.services.probe.x', 'beat');
});
afterAll(async () => {
  await Promise.all(open.map((connection) => connection.close()));
  await nats?.stop();
});

const facts = async (): Promise<number> => (await setUp.streams.info('FACTS')).state.messages;

describe('app', () => {
  it('publishes to each stream, writes a bucket, and answers a question', async () => {
    const js = jetstream(app);
    for (const subject of ['facts.a.b.1', 'telemetry.a.b.1', `calls.federation.call.1`]) {
      expect(await js.publish(subject, 'x')).toMatchObject({ duplicate: false });
    }
    const lease = await new Kvm(app).open('lease');
    await lease.put('holder', 'me');
    expect((await lease.get('holder'))?.string()).toBe('me');
    app.subscribe('ask.services.probe', { callback: (_, message) => void message.respond('done') });
    expect((await app.request('ask.services.probe')).string()).toBe('done');
  });

  it('reads: state, one message from the leader or direct, an ordered consumer', async () => {
    await jetstream(app).publish('facts.a.b.2', 'two');
    expect((await appManager.streams.info('FACTS')).config.name).toBe('FACTS');
    expect((await appManager.streams.getMessage('FACTS', { last_by_subj: 'facts.a.b.2' }))?.string()).toBe('two');
    expect((await appManager.direct.getMessage('FACTS', { last_by_subj: 'facts.a.b.2' }))?.string()).toBe('two');
    const consumer = await jetstream(app).consumers.get('FACTS', { filter_subjects: ['facts.a.b.2'] });
    expect((await consumer.next())?.string()).toBe('two');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['make a stream', () => appManager.streams.add({ name: 'MORE', subjects: ['more.>'] })],
    ['change a stream', () => appManager.streams.update('FACTS', { max_msgs: 1 })],
    ['purge a stream', () => appManager.streams.purge('FACTS')],
    ['delete a stream', () => appManager.streams.delete('FACTS')],
    ['delete a message', () => appManager.streams.deleteMessage('FACTS', 1)],
    ['make a bucket', () => new Kvm(app).create('more')],
  ])('cannot %s', async (_, attempt) => {
    await expect(attempt()).rejects.toThrow(/Permissions Violation/);
  });

  it('cannot subscribe to the journal, which would let a push consumer in', async () => {
    const refused = new Promise<Error>((resolve) => app.subscribe('facts.>', { callback: (error) => void (error && resolve(error)) }));
    expect((await refused).message).toMatch(/Permissions Violation/);
  });
});

describe('reader', () => {
  it('reads each stream of the journal by a consumer of its own and hears announcements', async () => {
    for (const [stream, subject] of Object.entries({ FACTS: 'facts.r.r.1', CALLS: 'calls.r' })) {
      await jetstream(app).publish(subject, stream);
      await readerManager.consumers.add(stream, { durable_name: 'other', ack_policy: AckPolicy.Explicit, filter_subject: subject });
      const message = await (await jetstream(reader).consumers.get(stream, 'other')).next();
      expect(message?.string()).toBe(stream);
      expect(await message?.ackAck()).toBe(true);
      const ordered = await jetstream(reader).consumers.get(stream, { filter_subjects: [subject] });
      expect((await ordered.next())?.string()).toBe(stream);
    }
    expect((await readerManager.direct.getMessage('TELEMETRY', { seq: 1 }))?.string()).toBe('beat');
    const heard = new Promise<string>((resolve) => reader.subscribe('announce.>', { callback: (_, { subject }) => resolve(subject) }));
    await reader.flush();
    app.publish('announce.peer-directory');
    expect(await heard).toBe('announce.peer-directory');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['publish a fact', () => jetstream(reader).publish('facts.a.b.1', 'x')],
    ['announce', async () => reader.request('announce.x')],
    ['write a bucket', () => jetstream(reader).publish('$KV.lease.holder', 'me')],
    ['read a bucket', () => readerManager.streams.getMessage('KV_lease', { seq: 1 })],
    ['consume a bucket', () => readerManager.consumers.add('KV_lease', { durable_name: 'x', ack_policy: AckPolicy.None })],
    ['make a stream', () => readerManager.streams.add({ name: 'MORE', subjects: ['more.>'] })],
    ['delete a stream', () => readerManager.streams.delete('FACTS')],
    ['delete a message', () => readerManager.streams.deleteMessage('FACTS', 1)],
    ['list consumers', () => readerManager.consumers.list('FACTS').next()],
    ['list the names of consumers', () => reader.request('$JS.API.CONSUMER.NAMES.FACTS')],
    ['delete a consumer', () => readerManager.consumers.delete('FACTS', 'any')],
    ['pause a consumer', () => readerManager.consumers.pause('FACTS', 'any', new Date(0))],
    ['reset a consumer', () => reader.request('$JS.API.CONSUMER.RESET.FACTS.any')],
  ])('cannot %s', async (_, attempt) => {
    await expect(attempt()).rejects.toThrow(/Permissions Violation/);
  });

  it('goes on reading when its ordered consumer was deleted, without the right to delete what is left of it', async () => {
    const consumer = await jetstream(reader).consumers.get('FACTS', { filter_subjects: ['facts.goes.on.*'] });
    const messages = await consumer.consume({ expires: 2_000, idle_heartbeat: 500 });
    const bodies = messages[Symbol.asyncIterator]();
    const nextAfter = async (body: string): Promise<string> => {
      await jetstream(app).publish('facts.goes.on.1', body);
      return (await bodies.next()).value?.string() ?? '';
    };
    expect(await nextAfter('first')).toBe('first');
    await setUp.consumers.delete('FACTS', (await consumer.info()).name);
    expect(await nextAfter('second')).toBe('second');
    messages.stop();
  }, 30_000);

  it('leaves a consumer behind only under a lasting name; any other ends by its threshold', async () => {
    const thresholds = async (config: object): Promise<number | undefined> =>
      (await readerManager.consumers.add('FACTS', { ack_policy: AckPolicy.None, ...config })).config.inactive_threshold;
    expect(await thresholds({})).toBe(nanos(5_000)); // The server's own.
    const ordered = await (await jetstream(reader).consumers.get('FACTS', {})).info();
    expect(ordered.config.inactive_threshold).toBe(nanos(300_000)); // The client's.
    expect((await thresholds({ durable_name: 'lasting' })) ?? 0).toBe(0);
  });

  it('would spend the consumers of the system if their number were limited: the server counts those of all accounts together', async () => {
    await setUp.streams.delete('CALLS');
    await setUp.streams.add({ name: 'CALLS', subjects: ['calls.>'], allow_direct: true, max_consumers: 2 });
    for (const durable_name of ['one', 'two']) await readerManager.consumers.add('CALLS', { durable_name, ack_policy: AckPolicy.None });
    await expect(appManager.consumers.add('CALLS', { ack_policy: AckPolicy.None })).rejects.toThrow('maximum consumers limit reached');
    for (const durable_name of ['one', 'two']) await setUp.consumers.delete('CALLS', durable_name);
  });

  it('cannot have the server answer into the journal', async () => {
    const before = await facts();
    for (const beat of ['1', '2']) await jetstream(app).publish('telemetry.deputy', beat);
    await readerManager.consumers.add('TELEMETRY', { durable_name: 'deputy', ack_policy: AckPolicy.None });
    const asks = { '$JS.API.INFO': '', '$JS.API.DIRECT.GET.TELEMETRY': '{"seq":1}', '$JS.API.STREAM.MSG.GET.TELEMETRY': '{"seq":1}' };
    const next = '$JS.API.CONSUMER.MSG.NEXT.TELEMETRY.deputy';
    for (const [ask, body] of Object.entries({ ...asks, [next]: '{"batch":1}' })) reader.publish(ask, body, { reply: 'facts.forged' });
    // the same again, properly: once these are answered, those before them would have been
    for (const [ask, body] of Object.entries(asks)) expect((await reader.request(ask, body)).data.length).toBeGreaterThan(0);
    expect(await (await jetstream(reader).consumers.get('TELEMETRY', 'deputy')).next()).not.toBeNull();
    expect(await facts()).toBe(before);
  });

  it('cannot push into the journal', async () => {
    const before = await facts();
    await readerManager.consumers.add('TELEMETRY', {
      durable_name: 'push',
      ack_policy: AckPolicy.None,
      deliver_subject: 'facts.forged.by.push',
    });
    const { push_bound, delivered } = await setUp.consumers.info('TELEMETRY', 'push');
    expect({ push_bound: push_bound ?? false, delivered: delivered.consumer_seq }).toEqual({ push_bound: false, delivered: 0 });
    expect(await facts()).toBe(before);
  });
});

it('nobody gets in without credentials', async () => {
  await expect(connect({ servers: nats.access.servers })).rejects.toThrow(/Authorization/i);
});
