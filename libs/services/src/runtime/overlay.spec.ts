import { type Instant, healthOf } from '@app/kernel';
import { T0 } from '../../testing/status-history.js';
import type { ComponentKind } from '../events/component-kind.js';
import type { Component } from '../read/component-directory/component-directory.view.js';
import { POLICY } from './policy.js';
import type { EvaluatedStatus } from './evaluation-state.js';
import { type LiveView, overlay } from './overlay.js';

const at = (seconds: number): Instant => new Date(T0 + seconds * 1_000).toISOString() as Instant;
const component = (id: string, kind: ComponentKind, changes: Partial<Component> = {}): Component => ({
  component_id: id,
  kind,
  name: id,
  target: null,
  status: 'green',
  health: 'up',
  reason: null,
  sentence: 'Nothing is wrong.',
  details: {},
  since: at(-3_600),
  last_good_at: at(-5),
  next_probe_at: at(10),
  critical: false,
  latency_ms: 3,
  p95_ms: 4,
  last_probe_at: at(-5),
  capability: null,
  version: '1.2.3',
  agent_gateways_total: 0,
  agent_gateways: [],
  history: [],
  evidence: ['f1', 't9'],
  observed: 'facts',
  ...changes,
});
const all = [
  component('api', 'api'),
  component('postgresql', 'postgresql'),
  component('valkey', 'valkey'),
  component('nats', 'nats'),
  component('projections', 'projections'),
  component('gateways', 'gateways'),
  component('gateway-a', 'gateway'),
];

const view = (status: EvaluatedStatus['status'], changes: Partial<LiveView> = {}): LiveView => ({
  evaluated: {
    status,
    reason: status === 'green' ? null : 'connect_refused',
    details: { said: `Seen ${status}.` },
    sinceMs: T0 - 20_000,
    lastGoodMs: T0 - 26_000,
    evidence: { probes: 1, components: [] },
  },
  latencyMs: 1.5,
  version: '2.0',
  probedAtMs: T0 - 1_000,
  nextProbeAtMs: T0 + 1_000,
  ...changes,
});
const live = (views: Record<string, LiveView>) =>
  new Map(Object.entries({ nats: view('green'), postgresql: view('green'), valkey: view('green'), ...views }));
const observation = (views: Record<string, LiveView>, components = all, nowMs = T0) => overlay(components, live(views), nowMs, POLICY);
const statuses = (components: readonly Component[]): Record<string, string> =>
  Object.fromEntries(
    components.map(({ component_id, status, reason, observed }) => [
      component_id,
      `${observed} ${status}${reason === null ? '' : ` ${reason}`}`,
    ]),
  );

const FACTS = Object.fromEntries(all.map(({ component_id }) => [component_id, 'facts green']));

it('shows the worse of the facts and of what it sees of the read models: they may be what stands still', () => {
  expect(statuses(observation({ projections: view('red') }))).toEqual({ ...FACTS, projections: 'live red connect_refused' });
  expect(observation({ projections: view('green') })).toEqual(all);
  const bad = all.map((one) =>
    one.kind === 'projections' ? component('projections', 'projections', { status: 'red', health: 'down' }) : one,
  );
  expect(observation({ projections: view('amber') }, bad)).toEqual(bad);
});

it('leaves the facts alone while the log and PostgreSQL are up, whatever it sees of Valkey', () => {
  expect(observation({ valkey: view('red') })).toEqual(all);
  expect(observation({ nats: view('amber'), postgresql: view('unknown') })).toEqual(all);
});

it('replaces what it sees itself while the log is down, and greys what depends on it', () => {
  expect(statuses(observation({ nats: view('red'), valkey: view('amber') }))).toEqual({
    api: 'facts green',
    postgresql: 'live green',
    valkey: 'live amber connect_refused',
    nats: 'live red connect_refused',
    projections: 'live unknown dependency_down',
    gateways: 'live unknown dependency_down',
    'gateway-a': 'live unknown dependency_down',
  });
});

it('says that the log is full where that is why it is red', () => {
  const full = view('red');
  const nats = { ...full, evaluated: { ...full.evaluated, reason: 'queue_backlog' as const } };
  const sentences = observation({ nats, postgresql: view('red') }).map(({ sentence }) => sentence);
  expect(sentences).toContain('Cannot be judged while nats is full.'); // Gateways.
  expect(sentences).toContain('Cannot be judged while nats is full and postgresql is down.'); // Projections.
});

it('keeps the facts where it has not seen anything yet', () => {
  expect(statuses(observation({ nats: view('red'), valkey: view('unknown') }))).toMatchObject({ valkey: 'facts green' });
});

it('does the same while PostgreSQL is down; gateways do not depend on that', () => {
  expect(statuses(observation({ postgresql: view('red') }))).toEqual({
    ...FACTS,
    postgresql: 'live red connect_refused',
    valkey: 'live green',
    nats: 'live green',
    projections: 'live unknown dependency_down',
  });
});

it('goes on while they recover: rows may still be from before', () => {
  expect(statuses(observation({ postgresql: view('recovering') }))).toEqual({
    ...FACTS,
    postgresql: 'live recovering connect_refused',
    valkey: 'live green',
    nats: 'live green',
  });
});

it('replaces every field of a status, and none of a name', () => {
  const [nats] = observation({ nats: view('red') }).filter(({ component_id }) => component_id === 'nats');
  expect(nats).toEqual({
    ...component('nats', 'nats'),
    status: 'red',
    health: 'down',
    reason: 'connect_refused',
    sentence: 'Seen red.',
    details: { said: 'Seen red.' },
    since: at(-20),
    last_good_at: at(-26),
    next_probe_at: at(1),
    latency_ms: 1.5,
    version: '2.0',
    last_probe_at: at(-1),
    evidence: [],
    observed: 'live',
  });
});

it('keeps what only the facts know', () => {
  const { evaluated } = view('red');
  const silent = view('red', { evaluated: { ...evaluated, lastGoodMs: null }, version: null });
  expect(observation({ nats: silent }).find(({ component_id }) => component_id === 'nats')).toMatchObject({
    last_good_at: at(-5),
    version: '1.2.3',
  });
});

it('says which parent is down, since when', () => {
  const components = observation({
    nats: view('red'),
    postgresql: view('red', { evaluated: { ...view('red').evaluated, sinceMs: T0 - 90_000 } }),
  });
  expect(components.find(({ component_id }) => component_id === 'projections')).toMatchObject({
    sentence: 'Cannot be judged while nats and postgresql are down.',
    since: at(-90),
    health: 'unknown',
  });
});

describe('when nobody probes any more', () => {
  const stale = all.map((one) => ({ ...one, last_probe_at: at(-46) }));

  it('takes nothing for green whose last probe is three intervals old, by its own interval', () => {
    expect(statuses(observation({}, stale))).toEqual({
      ...Object.fromEntries(stale.map(({ component_id }) => [component_id, 'live unknown observer_unhealthy'])),
      gateways: 'facts green',
      'gateway-a': 'facts green',
    });
    expect(observation({}, stale)[0]).toMatchObject({
      since: at(-1),
      next_probe_at: null,
      health: 'unknown',
      sentence: `Last seen probed at ${at(-46)}: no prober seems to run.`,
    });
    expect(observation({}, stale, T0 - 1_000)[0]?.observed).toBe('facts');
  });

  it('says so of what is red, too, but not of what is unknown already or was never probed', () => {
    const components = [
      component('api', 'api', { status: 'red', last_probe_at: at(-60) }),
      component('valkey', 'valkey', { status: 'unknown', reason: 'dependency_down', last_probe_at: at(-60) }),
      component('gateway-a', 'gateway', { status: 'amber', last_probe_at: null }),
    ];
    expect(observation({}, components).map(({ status, observed }) => `${observed} ${status}`)).toEqual([
      'live unknown',
      'facts unknown',
      'facts amber',
    ]);
  });

  it.each([
    ['the log is down', { nats: view('red') }],
    ['the log is just back', { nats: view('recovering') }],
    ['PostgreSQL is just back', { postgresql: view('recovering') }],
  ])('does not say so while %s: the prober may well run', (_when, views) => {
    expect(statuses(observation(views, stale))).toMatchObject({ api: 'facts green' });
  });

  it('says why while PostgreSQL is down', () => {
    expect(observation({ postgresql: view('red') }, stale)[0]?.sentence).toBe(
      `Last seen probed at ${at(-46)}: what was found since cannot be read, as PostgreSQL is down.`,
    );
  });
});

it('keeps health and status together', () => {
  for (const nats of ['red', 'recovering', 'green'] as const)
    for (const { status, health } of observation({ nats: view(nats) })) expect(health).toBe(healthOf(status));
});
