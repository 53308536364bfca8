import type { Problem } from '@app/http';
import { type Answered, type TestApp, testAppOf } from '@app/http/testing';
import { type Instant, asId, assertShape, newEvent } from '@app/kernel';
import { NOW, later, rowsOf, stored } from '@app/kernel/testing';
import { ReadModels, Rows } from '@app/read-store';
import { ComponentDeclared, ComponentStatusChanged, HealthProbed } from '../../events/index.js';
import { LiveOverlay } from '../../runtime/live-overlay.js';
import { ComponentDirectoryController, ComponentListAnswer } from './component-directory.controller.js';
import { componentDirectory } from './component-directory.projection.js';
import { getComponent } from './component-directory.query.js';
import type { Component } from './component-directory.view.js';
import { componentLatest } from './component-latest.rollup.js';
import { type ComponentMinute, componentMinute, minuteOf } from './component-minute.rollup.js';

const about = { component_id: asId<ComponentDeclared['component_id']>('valkey') };
const minutesAgo = (minutes: number): Instant => new Date(Date.now() - minutes * 60_000).toISOString() as Instant;
const probed = (minutes: number, data: Partial<HealthProbed>) =>
  stored(
    newEvent(HealthProbed, { ...HealthProbed.example, ...about, status: 'green', capability: null, version: '8.0.1', ...data }),
    90,
    minutesAgo(minutes),
  );

/** As the projector would leave them. */
const entry = rowsOf(
  componentDirectory,
  newEvent(ComponentDeclared, { ...about, kind: 'valkey', name: 'Valkey', target: 'redis://10.0.4.7:6379', critical: false }),
  newEvent(ComponentStatusChanged, { ...ComponentStatusChanged.example, ...about, from: 'unknown' }),
)['valkey'];
const latest = componentLatest.apply(undefined, probed(0, { latency_ms: 4.2 }));
const minutes: ComponentMinute[] = [
  ...[2, 2, 2].map(() => probed(2, { latency_ms: 4 })),
  probed(5, { ok: false, latency_ms: null, status: 'red' }),
  probed(61, { latency_ms: 900 }),
].reduce<ComponentMinute[]>((rows, event) => {
  const key = componentMinute.key(event);
  const row = componentMinute.apply(
    rows.find(({ id }) => id === key),
    event,
  );
  return row === null ? rows : [...rows.filter(({ id }) => id !== key), row];
}, []);

let kind: ComponentDeclared['kind'] = 'valkey';
let agents: object[] = [];
const db = {
  query: async (text: string, values: readonly unknown[]) => {
    if (text.includes('seen_gateways')) return { rows: agents };
    if (text.includes('component_minute')) return { rows: minutes.filter(({ id }) => (values[0] as string[]).includes(id)) };
    return { rows: [{ ...entry, ...latest, kind, evaluated }].filter(({ component_id }) => (values[0] ?? component_id) === component_id) };
  },
} satisfies Rows;

const asked: object[] = [];
let evaluated: object | null = null;
let observed: readonly Component[] = [];
let app: TestApp;
beforeAll(async () => {
  const answer = async (model: { table: string }, query: object, read: (rows: Rows) => Promise<unknown>) => {
    asked.push({ table: model.table, ...query });
    return { data: await read(db), as_of: minutesAgo(0), position: 'f2', lag_ms: 0, warnings: [] };
  };
  const over = (components: readonly Component[]) => (
    (observed = components),
    components.map((one) => ({ ...one, observed: 'live' as const }))
  );
  app = await testAppOf(
    [ComponentDirectoryController],
    [
      { provide: ReadModels, useValue: { answer } },
      { provide: LiveOverlay, useValue: { over } },
    ],
  );
});
afterAll(() => app.close());

describe('the gateways that agents see', () => {
  const agent = (label: string, status: string, ...states: string[]) => ({
    agent_id: `agent-${label}`,
    ...{ label, status, is_revoked: false, is_archived: false, position: 'f9' },
    gateways: states.map((state, i) => ({ name: `g${i}`, state })),
  });
  afterEach(() => {
    kind = 'valkey';
    agents = [];
  });
  const shown = async (): Promise<Component | undefined> => {
    const { body } = await get();
    expect(() => assertShape(ComponentListAnswer, body)).not.toThrow();
    return (body as { data: Component[] }).data[0];
  };

  it('are named with their roll-up, the worst first', async () => {
    kind = 'gateways';
    agents = [agent('berlin', 'connected', 'ready', 'unreachable'), agent('porto', 'disconnected', 'ready')];
    expect(await shown()).toMatchObject({
      agent_gateways_total: 3,
      agent_gateways: [
        { name: 'berlin/g1', agent_id: 'agent-berlin', state: 'unreachable', health: 'down' },
        { name: 'porto/g0', health: 'unknown' },
        { name: 'berlin/g0', health: 'up' },
      ],
    });
  });

  it('are counted when there are more than an answer names', async () => {
    kind = 'gateways';
    agents = Array.from({ length: 60 }, (_, i) => agent(`a${i}`, 'connected', 'ready', 'ready'));
    const { agent_gateways_total: total, agent_gateways: named } = (await shown()) as Component;
    expect([total, named.length]).toEqual([120, 100]);
  });

  it('are of no other component', async () => {
    agents = [agent('berlin', 'connected', 'ready')];
    expect(await shown()).toMatchObject({ agent_gateways_total: 0, agent_gateways: [] });
  });
});

const get = (path = ''): Promise<Answered> => app.ask('GET', `services${path}`);

it('answers with all components, facts and measurements as one', async () => {
  const { status, body } = await get('?after=f2');
  expect(status).toBe(200);
  expect(() => assertShape(ComponentListAnswer, body)).not.toThrow();
  expect(body).toMatchObject({
    position: 'f2',
    data: [
      {
        component_id: 'valkey',
        status: 'red',
        health: 'down',
        reason: 'connect_refused',
        since: ComponentStatusChanged.example.since,
        latency_ms: 4.2,
        version: '8.0.1',
        capability: null,
        evidence: ['t81720', 't81724', 't81727', 'f2', 't90'],
      },
    ],
  });
  expect(asked.at(-1)).toEqual({ table: 'component_directory', after: 'f2' });
});

it('makes the sentence of the latest evaluation of the same verdict, with the evidence of that', async () => {
  const { reason } = ComponentStatusChanged.example;
  const details = { failures: 9, said: 'It refuses connections.' };
  const of = { id: 'valkey', at: NOW, status: 'red', reason, details, evidence: ['f7'] };
  evaluated = of;
  expect((await get()).body.data[0]).toMatchObject({
    sentence: '9 probes in a row failed: It refuses connections.',
    details,
    evidence: ['f7', 'f2', 't90'],
  });
  evaluated = { ...of, at: later(-1) };
  expect((await get()).body.data[0]).toMatchObject({ sentence: '3 probes in a row failed: 127.0.0.1:6379 refuses connections.' });
  evaluated = { ...of, reason: 'slow' };
  expect((await get()).body.data[0]).toMatchObject({ details: ComponentStatusChanged.example.details });
  evaluated = null;
});

it('tells sixty minutes, the oldest first, and which of them nobody saw', async () => {
  const before = minuteOf(minutesAgo(0));
  const { history } = (await get()).body.data[0] as Component;
  expect([before, minuteOf(minutesAgo(0))]).toContain(history.at(-1)?.minute);
  const last = Date.parse(history.at(-1)?.minute ?? '');
  expect(history.map(({ minute }) => (last - Date.parse(minute)) / 60_000)).toEqual(Array.from({ length: 60 }, (_, i) => 59 - i));
  const [good, bad] = minutes.map(({ minute }) => minute);
  for (const { minute, ...rest } of history) {
    if (minute === good) expect(rest).toEqual({ good: 3, bad: 0, worst: 'green' });
    else if (minute === bad) expect(rest).toEqual({ good: 0, bad: 1, worst: 'red' });
    else expect(rest).toEqual({ good: 0, bad: 0, worst: 'unknown' });
  }
  expect(history.map(({ minute }) => minute)).toEqual(expect.arrayContaining([good, bad]));
});

it('takes the p95 of those sixty minutes and of no others', async () => {
  const [{ p95_ms }] = (await get()).body.data;
  expect(p95_ms).toBeGreaterThan(2.5);
  expect(p95_ms).toBeLessThan(6.5);
});

it('takes the later of what facts and telemetry say', async () => {
  const [{ last_good_at, next_probe_at, last_probe_at }] = (await get()).body.data;
  expect([last_good_at, last_probe_at]).toEqual([latest?.last_probe_at, latest?.last_probe_at]);
  const [ofFacts, ofTelemetry] = [entry?.next_probe_at ?? '', latest?.probe_due_at ?? ''];
  expect(next_probe_at).toBe(ofFacts > ofTelemetry ? ofFacts : ofTelemetry);
});

it('answers with one', async () => {
  const { status, body } = await get('/valkey');
  expect([status, body.data.component_id]).toEqual([200, 'valkey']);
  expect(await getComponent(db, 'valkey', minutesAgo(0))).toMatchObject({ component_id: 'valkey', observed: 'facts' });
  expect(await getComponent(db, 'nats', minutesAgo(0))).toBeUndefined();
});

it('shows what is seen live over what is read', async () => {
  for (const path of ['', '/valkey']) {
    const { data } = (await get(path)).body;
    expect([data].flat()[0].observed).toBe('live');
    expect(observed[0]?.observed).toBe('facts');
  }
});

it('knows no other', async () => {
  const { status, body } = await get('/nats');
  expect([status, (body as Problem).code]).toEqual([404, 'services.component-unknown']);
  expect(body.detail).toBe('No component nats is watched.');
});

it.each(['?limit=5', '?after=81724', '/a.b'])('refuses %s', async (request) => {
  const { status, body } = await get(request);
  expect([status, (body as Problem).code]).toEqual([400, 'http.invalid']);
});
