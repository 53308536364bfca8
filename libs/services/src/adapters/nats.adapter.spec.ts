import { CALLS, DEFAULT_SIZES, EventStore, FACTS, TELEMETRY, setUpEventStore } from '@app/event-store';
import { MemoryMarks } from '@app/event-store/testing';
import type { EventClass } from '@app/kernel';
import { type TestNats, startTestNats } from '@app/runtime/testing';
import * as events from '../events/index.js';
import { ComponentDeclared, ProbeSent } from '../events/index.js';
import { declareComponent } from '../write/declare-component/declare-component.decide.js';
import { ComponentsInLog } from './known-components.adapter.js';
import { NatsProbe, type NatsTarget } from './nats.adapter.js';

const classes = Object.values(events) as EventClass[];
let nats: TestNats;
let store: EventStore;

const open = async (options: { syncAlways?: boolean }): Promise<void> => {
  nats = await startTestNats({ ...options, users: true });
  const marks = new MemoryMarks();
  await setUpEventStore({ ...nats.users.admin, name: 'set-up' }, DEFAULT_SIZES, marks);
  store = await EventStore.open({ ...nats.users.app, name: 'test' }, classes, DEFAULT_SIZES, marks);
};
const close = async (): Promise<void> => {
  await store.nc.close();
  await nats.stop();
};
const probe = (options: Partial<NatsTarget> = {}): NatsProbe =>
  new NatsProbe({ store, monitorUrl: nats.monitorUrl, wholeEveryMs: 0, timeoutMs: 3_000, ...options });
const look = (one = probe()) => one.look(AbortSignal.timeout(10_000));

describe('a server that syncs each write', () => {
  beforeAll(() => open({ syncAlways: true }));
  afterAll(close);

  it('is found well: it keeps an event, says how full it is and that it syncs', async () => {
    const before = (await store.info(TELEMETRY)).state.last_seq;
    const result = await look();
    expect(result).toMatchObject({
      ok: true,
      findings: [],
      version: expect.stringMatching(/^2\.\d+\.\d+/),
      latencyMs: expect.any(Number),
    });
    expect(result.ok && result.measured[0]).toMatchObject({ gauge: 'storage', value: expect.any(Number) });
    expect((await store.info(TELEMETRY)).state.last_seq).toBe(before + 1);
  });

  it('is written to as seldom as asked, and answers in between', async () => {
    const one = probe({ wholeEveryMs: 60_000, monitorUrl: null });
    const first = await look(one);
    const before = (await store.info(TELEMETRY)).state.last_seq;
    expect(await look(one)).toMatchObject({ ok: true, findings: first.ok ? first.findings : [] });
    expect((await store.info(TELEMETRY)).state.last_seq).toBe(before);
  });

  it('is doubted when nobody says where its monitor is, or the monitor does not answer', async () => {
    const correlatedFailure = { colour: 'amber', reason: 'observer_unhealthy' };
    expect(await look(probe({ monitorUrl: null }))).toMatchObject({ ok: true, findings: [correlatedFailure] });
    expect(await look(probe({ monitorUrl: 'http://127.0.0.1:9' }))).toMatchObject({ ok: true, findings: [correlatedFailure] });
  });

  it('is known to have been told of each component', async () => {
    const known = new ComponentsInLog(store.nc);
    expect(await known.ids()).toEqual([]);
    for (const component_id of ['nats', 'gateway-berlin'] as ComponentDeclared['component_id'][])
      await store.commands.handle(declareComponent, { data: { ...ComponentDeclared.example, component_id }, actor: 'test' });
    expect((await known.ids()).sort()).toEqual(['gateway-berlin', 'nats']);
  });

  it.each([FACTS, CALLS])('tells how full %s is, of those that refuse what does not fit the fullest first', async (full) => {
    const filling = {
      nc: store.nc,
      telemetry: store.telemetry,
      info: async (name: string) => {
        const info = await store.info(name);
        return { ...info, state: { ...info.state, bytes: (name === full ? 0.8 : 0.1) * info.config.max_bytes } };
      },
    };
    expect(await look(probe({ store: filling }))).toMatchObject({
      measured: [
        { gauge: 'storage', value: expect.closeTo(0.8), of: `The stream ${full}` },
        { gauge: 'storage', value: expect.closeTo(0.1) },
      ],
    });
  });
});

describe('a server that acknowledges before it syncs', () => {
  beforeAll(() => open({ syncAlways: false }));
  afterAll(close);

  it('is amber, and says what to set', async () => {
    const probeResult = await look();
    expect(probeResult).toMatchObject({
      ok: true,
      findings: [{ colour: 'amber', reason: 'sync_stale', detail: expect.stringContaining('sync_interval: always') }],
    });
  });

  it('fails when it does not keep what it is given, or not in time', async () => {
    const broken = (error: Error): NatsTarget['store'] => ({
      nc: store.nc,
      info: (name) => store.info(name),
      telemetry: { keep: () => Promise.reject(error) },
    });
    expect(await look(probe({ store: broken(new Error('no space left')) }))).toMatchObject({ ok: false, reason: 'error_rate' });
    const late = Object.assign(new Error('timeout'), { name: 'TimeoutError' });
    expect(await look(probe({ store: broken(late) }))).toMatchObject({ ok: false, reason: 'heartbeat_timeout' });
  });

  it('is lost when it is killed and found again when it is back', async () => {
    const one = probe();
    expect(await look(one)).toMatchObject({ ok: true });
    await nats.kill();
    await until(async () => !(await look(one)).ok);
    expect(await look(one)).toEqual({
      ok: false,
      reason: 'connect_refused',
      detail: expect.stringMatching(/^The connection to nats:\/\/127\.0\.0\.1:\d+ is lost/),
    });
    await nats.restart();
    await until(async () => (await look(one)).ok);
  });
});

it('writes events like any other', () => expect(ProbeSent.kind).toBe('telemetry'));

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

it('fails with the reason while the disk of NATS is full, and asks nothing that would wait', async () => {
  const asked: string[] = [];
  const full = 'The disk of NATS is full: no space left on device.';
  const silent = (what: string) => async (): Promise<never> => (asked.push(what), Promise.reject(new Error('silent')));
  const telemetry = { keep: silent('keep') };
  const target = {
    store: { nc: store.nc, info: silent('info'), telemetry, diskFull: full },
    monitorUrl: null,
    wholeEveryMs: 0,
    timeoutMs: 1,
  };
  const result = await new NatsProbe(target).look(new AbortController().signal);
  expect(result).toEqual({ ok: false, reason: 'queue_backlog', detail: full });
  expect(asked).toEqual([]);
});
