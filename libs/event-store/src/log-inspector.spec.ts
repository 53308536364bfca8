import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { LogInspector, LogUnavailable } from '@app/event-store';
import { type TestLog, openTestLog, poison } from '@app/event-store/testing';

let log: TestLog;
let inspector: LogInspector;
beforeAll(async () => {
  log = await openTestLog();
  inspector = new LogInspector(log.store, log.sizes);
});
afterAll(() => log.stop());

const differences = async (): Promise<object> =>
  Object.fromEntries(
    (await inspector.streams()).map(({ name, state }) => [name, state?.differences.map(({ words, isWeaker }) => `${words}: ${isWeaker}`)]),
  );

it('finds every stream of this release as it was declared', async () => {
  expect(await differences()).toEqual({ FACTS: [], CALLS: [], TELEMETRY: [], KV_ONCE: [] });
});

it('tells how full FACTS is and where it ends', async () => {
  const position = await poison(log.store, 'facts.test.thing.bad');
  const [facts] = await inspector.streams();
  expect(facts).toMatchObject({
    name: 'FACTS',
    state: { firstSeq: 1, lastSeq: position, missing: 0, maxBytes: log.sizes.factsMaxBytes, refusesWhenFull: true },
  });
  expect(facts?.state?.bytes).toBeGreaterThan(0);
});

it('names the settings that differ, whether they guard less, and a stream that is missing', async () => {
  const admin = await connect({ ...log.nats.access });
  try {
    const jsm = await jetstreamManager(admin);
    await jsm.streams.update('CALLS', { max_bytes: 2 * log.sizes.callsMaxBytes });
    await jsm.streams.update('TELEMETRY', { max_msgs_per_subject: 7 });
    await jsm.streams.delete('KV_ONCE');
    expect(await differences()).toEqual({
      FACTS: [],
      CALLS: [`max_bytes is ${2 * log.sizes.callsMaxBytes}, not ${log.sizes.callsMaxBytes}: false`],
      TELEMETRY: ['max_msgs_per_subject is 7, not 120: true'],
      KV_ONCE: undefined,
    });
  } finally {
    await admin.close();
  }
});

it('counts the sequences that a stream lacks', async () => {
  const { nc } = log.store;
  const jsm = await jetstreamManager(nc);
  for (let i = 0; i < 3; i++) await jsm.jetstream().publish('telemetry.test.hole');
  await jsm.streams.update('TELEMETRY', { max_msgs_per_subject: -1 });
  const { state } = await jsm.streams.info('TELEMETRY');
  await jsm.streams.deleteMessage('TELEMETRY', state.last_seq - 1);
  const telemetry = (await inspector.streams()).find(({ name }) => name === 'TELEMETRY');
  expect(telemetry?.state).toMatchObject({ lastSeq: state.last_seq, missing: 1 });
});

it('tells how each stream stands with this process, and which line accepts it', () => {
  const open = { isOpen: true, trouble: null };
  expect(inspector.condition()).toMatchObject([
    { stream: 'FACTS', incarnation: log.store.identity.incarnation, ...open },
    { stream: 'CALLS', ...open },
    { stream: 'TELEMETRY', ...open },
  ]);
  expect(inspector.acceptLine).toContain(log.store.identity.instance_id);
});

it('tells why a stream is closed', () => {
  log.store.gate.trip({ stream: 'CALLS', code: 'log.rewound', detail: 'CALLS ends at 3, and was seen up to 7', end: 3 });
  expect(inspector.condition()[1]).toMatchObject({ isOpen: false, trouble: { code: 'log.rewound' } });
});

it('reads the clock of the server between two looks at ours', async () => {
  const { beforeMs, theirMs, afterMs } = await inspector.clock(() => Date.now());
  expect(theirMs).toBeGreaterThanOrEqual(beforeMs - 1); // The server's clock is this machine's, cut to milliseconds here.
  expect(theirMs).toBeLessThanOrEqual(afterMs + 1);
});

it('tells the server, its version, and that FACTS takes writes', async () => {
  expect(await inspector.server()).toMatchObject({
    server: inspector.address,
    version: expect.stringMatching(/^2\./),
    facts: 'led',
    replicas: log.sizes.replicas,
  });
});

it('throws when nothing answers', async () => {
  const disconnected = (async () => {
    for await (const { type } of log.store.nc.status()) if (type === 'disconnect') return;
  })();
  await log.nats.kill();
  await disconnected;
  await expect(inspector.server()).rejects.toThrow(LogUnavailable);
});
