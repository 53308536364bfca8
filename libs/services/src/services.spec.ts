import { randomUUID } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jetstreamManager } from '@nats-io/jetstream';
import type pg from 'pg';
import { DEFAULT_SIZES, EventStore, setUpEventStore } from '@app/event-store';
import { MemoryMarks } from '@app/event-store/testing';
import { type EventClass, type Instant, type NewEvent, assertShape, newEvent } from '@app/kernel';
import { Projector, type Rows, poolOf, privateStore, projectionLag, run, setUpReadStore } from '@app/read-store';
import { type TestDatabase, type TestNats, startTestNats, testDatabase } from '@app/runtime/testing';
import * as edgeEvents from '../../edge/src/events/index.js';
import { FakeGateway } from '../../../test/fake-openclaw/fake-gateway.js';
import { proberOf } from './adapters/assembly.adapter.js';
import type { ComponentStatusChanged } from './events/index.js';
import type { Prober } from './runtime/prober.js';
import { listComponents } from './read/component-directory/component-directory.query.js';
import { Component } from './read/component-directory/component-directory.view.js';
import { services } from './context.js';
import type { ServiceTargets } from './services.targets.js';
import { POLICY, type Policy } from './runtime/policy.js';

/** As it runs, thirty times as fast; no latency is too slow for a machine that runs tests, and no change too many. */
const FAST: Policy = {
  ...POLICY,
  kinds: Object.fromEntries(
    Object.entries(POLICY.kinds).map(([kind, { intervalMs, amber, ...rest }]) => [
      kind,
      { ...rest, intervalMs: intervalMs / 30, amber: { ...amber, p95_ms: 60_000, event_loop_ms: 60_000 } },
    ]),
  ) as unknown as Policy['kinds'],
  reprobeAfterMs: POLICY.reprobeAfterMs.map((ms) => ms / 30),
  cleanMs: POLICY.cleanMs / 30,
  unknownAfterIntervals: 60,
  ownLatenessMs: 60_000,
  flap: { ...POLICY.flap, start: 2 },
};

let nats: TestNats;
let database: TestDatabase;
let store: EventStore;
let pool: pg.Pool;
let api: Server;
let gateway: FakeGateway;
let targets: ServiceTargets;
let prober: Prober;
const projectors: Projector[] = [];
const warnings: string[] = [];

/** The context on a real log, a real database, a real projector and a gateway that answers as a real one did. */
beforeAll(async () => {
  [nats, database] = await Promise.all([startTestNats({ users: true, syncAlways: true }), testDatabase()]);
  const marks = new MemoryMarks();
  await setUpReadStore(database.url, privateStore(database.url, [services]), () =>
    setUpEventStore({ ...nats.users.admin, name: 'set-up' }, DEFAULT_SIZES, marks),
  );
  const events = [...Object.values(services.events), ...Object.values(edgeEvents)] as EventClass[];
  store = await EventStore.open({ ...nats.users.app, name: 'test' }, events, DEFAULT_SIZES, marks);
  pool = poolOf(database.url, { name: 'test', max: 10 });
  for (const fold of services.projections) projectors.push(new Projector(fold, store, pool, () => undefined));
  for (const projector of projectors) projector.start();
  api = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ready","failing":[],"event_loop_ms":2}');
  });
  await new Promise<void>((listening) => api.listen(0, '127.0.0.1', listening));
  gateway = new FakeGateway();
  targets = {
    apiUrl: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    natsMonitorUrl: nats.monitorUrl,
    valkeyUrl: null,
    valkeyMissing: 'No valkey-server was found.',
    gateways: [{ name: 'berlin', url: (await gateway.listen()).replace('//', '//operator:hunter22@'), critical: true }],
  };
  prober = start(targets);
}, 120_000); // The first test of a run starts PostgreSQL.

afterAll(async () => {
  await prober.stop();
  await Promise.all(projectors.map((projector) => projector.stop()));
  await Promise.all([pool.end(), store.nc.close(), gateway.close(), new Promise((closed) => api.close(closed))]);
  await Promise.all([nats.stop(), database.drop()]);
});

function start(at: ServiceTargets): Prober {
  const machines = { store, pool, warn: (sentence: string) => void warnings.push(sentence) };
  const one = proberOf(machines, at, { read: projectionLag(pool, store, services.projections) }, FAST);
  one.start();
  return one;
}

const db: Rows = { query: (text, values) => run(pool, { text, values: [...values] }) };
const components = async (): Promise<Component[]> => listComponents(db, new Date().toISOString() as Instant);
const get = async (id: string): Promise<Component | undefined> => (await components()).find(({ component_id }) => component_id === id);
const statuses = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await components()).map(({ component_id, status, reason }) => [component_id, reason === null ? status : `${status} ${reason}`]),
  );

/** Until it holds, and no longer than a deadline; what it was last is then what the test says was wrong. */
async function eventually(check: () => Promise<void>, deadlineMs = 20_000): Promise<void> {
  for (const deadline = Date.now() + deadlineMs; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
const shows = (expected: Record<string, unknown>): Promise<void> =>
  eventually(async () => expect(await statuses().catch((error: Error) => error.message)).toMatchObject(expected));

const WELL = {
  api: 'green',
  postgresql: 'green',
  valkey: 'amber dependency_down',
  nats: 'green',
  projections: 'green',
  gateways: 'green',
  'gateway-berlin': 'green',
};

it('shows what it finds, in the order of kinds', async () => {
  await shows(WELL);
  const all = await components();
  expect(all.map(({ component_id }) => component_id)).toEqual(Object.keys(WELL));
  for (const one of all) expect(() => assertShape(Component, one)).not.toThrow();
  expect(all.map(({ history }) => history.length)).toEqual(all.map(() => 60));
  await eventually(async () => {
    expect(await get('gateway-berlin')).toMatchObject({ version: '2026.9.6', capability: 'http', target: gateway.url, critical: true });
    expect((await get('postgresql'))?.p95_ms).toBeGreaterThan(0);
    expect((await get('nats'))?.history.at(-1)?.worst).toBe('green');
  });
  expect((await get('valkey'))?.sentence).toBe('No valkey-server was found.');
});

it('rests each status on events that are in the log', async () => {
  const [fact, probe] = [await get('nats')].flatMap((one) => one?.evidence ?? []).toSorted((a, b) => a.localeCompare(b));
  const jsm = await jetstreamManager(store.nc);
  const read = async (stream: string, token = '') =>
    (await jsm.streams.getMessage(stream, { seq: Number(/\d+/.exec(token)?.[0]) }))?.header;
  const headers = await read('FACTS', fact);
  expect([headers?.get('ce-type'), headers?.get('ce-subject'), headers?.get('ce-actor')]).toEqual([
    'services.component.status-changed',
    'nats',
    'system:prober',
  ]);
  expect((await read('TELEMETRY', probe))?.get('ce-type')).toBe('services.health.probed');
});

it('names a gateway that stops answering, with all of them since it is critical, and lets both recover', async () => {
  const { port } = new URL(gateway.url);
  await gateway.close();
  await shows({ 'gateway-berlin': 'red connect_refused', gateways: 'red dependency_down', api: 'green' });
  gateway = new FakeGateway();
  await gateway.listen(Number(port));
  await shows({ 'gateway-berlin': 'recovering connect_refused' });
  await shows(WELL);
});

it('tells a gateway from another server, and one that drains from one that is ready', async () => {
  gateway.state = 'a website';
  await shows({ 'gateway-berlin': 'red not_openclaw' });
  gateway.state = 'draining';
  await shows({ 'gateway-berlin': 'amber draining' });
  gateway.state = 'local';
  await shows(WELL);
});

it('goes on from the same verdicts after a restart, and says nothing new', async () => {
  const before = (await store.info('FACTS')).state.last_seq;
  const since = (await components()).map((one) => one.since);
  await prober.stop();
  const stopped = new Date().toISOString();
  prober = start(targets);
  const observed = async (): Promise<string[]> =>
    (await components()).filter(({ last_probe_at }) => (last_probe_at ?? '') > stopped).map(({ component_id }) => component_id);
  await eventually(async () => expect(await observed()).toEqual(Object.keys(WELL))); // Each by the one that was started now.
  expect([(await store.info('FACTS')).state.last_seq, (await components()).map((one) => one.since)]).toEqual([before, since]);
});

it('writes that the log was down when it is back, with what depends on it grey and not down', async () => {
  await nats.kill();
  await eventually(async () => expect(warnings.join('\n')).toMatch(/The verdict on nats waits for the log/));
  await nats.restart();
  await eventually(async () => expect(await history('nats', 'red')).toMatchObject([{ reason: 'connect_refused' }]));
  await eventually(async () => expect(await history('projections', 'unknown')).toMatchObject([{ reason: 'dependency_down' }]));
  await shows(WELL);
  expect(await history('projections', 'red')).toEqual([]);
}, 60_000);

it('counts the gateways that agents see by name, until there are none', async () => {
  const { AgentEnrolled, AgentStatusChanged, AgentSynced, AgentRevoked } = edgeEvents;
  const { agent_id } = AgentEnrolled.example;
  const subject = `facts.edge.agent.${agent_id}`;
  let end = 0;
  const write = async (...facts: NewEvent[]): Promise<void> => {
    const at = new Date().toISOString() as Instant;
    const expected = new Map([[subject, end]]);
    const appended = await store.appender.append({ commandId: randomUUID(), actor: 'test', at, events: facts, expected });
    if (appended.outcome !== 'committed') throw new Error(appended.outcome);
    end = appended.position;
  };
  const says = (state: 'ready' | 'unreachable') => {
    const [main] = AgentSynced.example.gateways;
    return newEvent(AgentSynced, { ...AgentSynced.example, gateways: [{ ...main!, state }] });
  };
  await prober.stop();
  prober = start({ ...targets, gateways: [] });
  await eventually(async () => expect(Object.keys(await statuses())).not.toContain('gateways'));
  await write(
    newEvent(AgentEnrolled, { ...AgentEnrolled.example, label: 'porto-7' }),
    newEvent(AgentStatusChanged, { ...AgentStatusChanged.example, from: 'enrolled', to: 'connected', reason: null }),
    says('ready'),
  );
  await eventually(async () =>
    expect(await get('gateways')).toMatchObject({ status: 'green', agent_gateways: [{ name: 'porto-7/main' }] }),
  );
  await write(says('unreachable'));
  await eventually(async () =>
    expect(await get('gateways')).toMatchObject({
      status: 'red',
      sentence: '1 of 1 gateways is down: porto-7/main.',
      agent_gateways_total: 1,
    }),
  );
  assertShape(Component, await get('gateways'));
  await write(newEvent(AgentRevoked, AgentRevoked.example));
  await eventually(async () => expect(await get('gateways')).toBeUndefined());
}, 60_000);

it('forgets what the configuration no longer names', async () => {
  await prober.stop();
  prober = start({ ...targets, gateways: [] });
  await eventually(async () => expect(Object.keys(await statuses())).toEqual(['api', 'postgresql', 'valkey', 'nats', 'projections']));
});

it('writes no credential', async () => {
  for (const stream of ['facts', 'telemetry'] as const) {
    const { events } = await store.browser.browse({ stream, limit: 5_000 });
    expect(events.length).toBeGreaterThan(10);
    expect(JSON.stringify(events)).not.toMatch(/hunter22|clawbutler:test|test-app/);
  }
  expect(JSON.stringify([await components(), warnings])).not.toContain('hunter22');
});

/** What was said of a component when it became `to`. */
async function history(id: string, to: string): Promise<ComponentStatusChanged[]> {
  const { events } = await store.browser.browse({ stream: 'facts', subject: `facts.services.component.${id}`, limit: 100 });
  return events.map(({ data }) => data as ComponentStatusChanged).filter((data) => data.to === to);
}
