import type { EdgeAgent } from '@app/edge';
import type { Peer } from '@app/federation';
import { type Status, type StatusCount, healthOf } from '@app/kernel';
import type { Component } from '@app/services';
import { overviewOf } from './overview.js';

const now = '2026-02-01T12:00:00.000Z';
const component = (component_id: string, health: Component['health'], more: Partial<Component> = {}): Component =>
  ({
    component_id,
    name: component_id,
    health,
    status: health,
    since: now,
    reason: null,
    sentence: '',
    p95_ms: 3,
    latency_ms: 2,
    last_good_at: now,
    ...more,
  }) as Component;
const peer = (label: string, health: Peer['health']): Peer =>
  ({
    peer_id: label,
    label,
    health,
    status: 'disconnected',
    since: now,
    reason: 'heartbeat_timeout',
    sentence: '',
    last_heartbeat_at: null,
  }) as unknown as Peer;
const many = (status: Status, count: number): StatusCount => ({ status, health: healthOf(status), count });
const NONE = { pending: 0, enrolled: 0, suspended: 0, revoked: 0 };
const seen = { instanceId: 'inst-1', now, peers: [], troubledPeers: [], agents: [], troubledAgents: [], components: [] } as const;

it('knows nothing before anything was looked at', () => {
  expect(overviewOf(seen)).toMatchObject({ verdict: 'unknown', sentence: 'Nothing is known yet', problems: [] });
});

it('says so when all is well; a pending peer is no problem', () => {
  const overview = overviewOf({ ...seen, peers: [many('pending', 1)], components: [component('api', 'up'), component('nats', 'up')] });
  expect(overview).toMatchObject({ verdict: 'up', sentence: 'All 2 healthy', problems: [] });
  expect(overview.sections.federation).toEqual({
    total: 1,
    up: 0,
    degraded: 0,
    down: 0,
    unknown: 1,
    unwatched: { ...NONE, pending: 1 },
    building: false,
  });
});

it('counts what is there while a section is being built, and calls the whole unknown', () => {
  const overview = overviewOf({ ...seen, peers: null, components: [component('api', 'up')] });
  expect(overview).toMatchObject({ verdict: 'unknown', sentence: '1 healthy · federation peers being built', problems: [] });
  expect(overview.sections).toMatchObject({ federation: { total: 0, building: true }, services: { total: 1, building: false } });
});

it('tells a problem also while a section is being built', () => {
  const overview = overviewOf({ ...seen, agents: null, components: [component('api', 'up'), component('nats', 'down')] });
  expect(overview).toMatchObject({ verdict: 'down', sentence: '1 problem · 1/2 healthy · edge agents being built' });
});

it('is as bad as the worst, and lists that first', () => {
  const components = [component('api', 'up'), component('valkey', 'degraded'), component('postgresql', 'down')];
  const overview = overviewOf({
    ...seen,
    peers: [many('connected', 40), many('disconnected', 1)],
    troubledPeers: [peer('lisbon', 'down')],
    components,
  });
  expect(overview).toMatchObject({ verdict: 'down', sentence: '3 problems · 41/44 healthy' });
  expect(overview.problems.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['peer lisbon', 'svc postgresql', 'svc valkey']);
});

it('counts edge agents, and lists those that are gone by their names', () => {
  const gone = { ...peer('berlin', 'down'), agent_id: 'agent-1', label: 'berlin', rtt_ms: null } as unknown as EdgeAgent;
  const overview = overviewOf({
    ...seen,
    agents: [many('connected', 2), many('disconnected', 1), many('enrolled', 1)],
    troubledAgents: [gone],
  });
  expect(overview.sections.edge).toEqual({
    total: 4,
    up: 2,
    degraded: 0,
    down: 1,
    unknown: 1,
    unwatched: { ...NONE, enrolled: 1 },
    building: false,
  });
  expect(overview).toMatchObject({ verdict: 'down', sentence: '1 problem · 2/3 healthy' });
  expect(overview.problems).toMatchObject([{ kind: 'edge', id: 'agent-1', name: 'berlin', status: 'disconnected', health: 'down' }]);
});

it('counts pending, enrolled, suspended and revoked things apart from those that nobody could evaluate', () => {
  const peers = [many('pending', 2), many('suspended', 1), many('unknown', 4), many('connected', 3)];
  const { federation, edge } = overviewOf({ ...seen, peers, agents: [many('enrolled', 1), many('revoked', 5)] }).sections;
  expect(federation).toMatchObject({ total: 10, unknown: 7, unwatched: { ...NONE, pending: 2, suspended: 1 } });
  expect(edge).toMatchObject({ total: 6, unknown: 6, unwatched: { ...NONE, enrolled: 1, revoked: 5 } });
});

it('takes amber alone for degraded, and one problem for one', () => {
  expect(overviewOf({ ...seen, components: [component('valkey', 'degraded')] })).toMatchObject({
    verdict: 'degraded',
    sentence: '1 problem · 0/1 healthy',
  });
});

it('does not blame a component for what it depends on, but says when nobody looks any more', () => {
  const blind = component('gateway-a', 'unknown', { reason: 'observer_unhealthy' });
  const waiting = component('projections', 'unknown', { reason: 'dependency_down' });
  const overview = overviewOf({ ...seen, components: [component('api', 'up'), blind, waiting] });
  expect(overview.problems.map(({ id }) => id)).toEqual(['gateway-a']);
  expect(overview.verdict).toBe('unknown');
});
