import type { Component, Health, Peer } from '../contract.js';
import { componentRow, counts, grouped, matches, peerRow } from './rows.js';

const component = (id: string, kind: Component['kind'], health: Health, since = '2026-11-23T10:00:00.000Z'): Component => ({
  component_id: id,
  kind,
  name: id,
  target: '127.0.0.1:4600',
  status: ({ up: 'green', degraded: 'amber', down: 'red', unknown: 'unknown' } as const)[health],
  health,
  reason: health === 'up' ? null : 'slow',
  sentence: `It is ${health}.`,
  since,
  last_good_at: null,
  next_probe_at: null,
  critical: false,
  latency_ms: 4.2,
  p95_ms: 9,
  last_probe_at: null,
  capability: null,
  version: null,
  history: [],
  evidence: [],
  observed: 'facts',
});

const rows = [
  component('gateway-b', 'gateway', 'up'),
  component('nats', 'nats', 'degraded', '2026-11-23T09:00:00.000Z'),
  component('api', 'api', 'up'),
  component('gateway-a', 'gateway', 'up'),
  component('valkey', 'valkey', 'degraded', '2026-11-23T09:30:00.000Z'),
  component('postgresql', 'postgresql', 'down', '2026-11-22T09:00:00.000Z'),
  component('gateways', 'gateways', 'unknown'),
].map(componentRow);

it('puts problems first: the worst, then the latest; the rest keeps its place', () => {
  const { problems, unknown, healthy } = grouped(rows);
  expect(problems.map(({ id }) => id)).toEqual(['postgresql', 'valkey', 'nats']);
  expect(unknown.map(({ id }) => id)).toEqual(['gateways']);
  expect(healthy.map(({ id }) => id)).toEqual(['api', 'gateway-a', 'gateway-b']);
});

it('counts by health', () => expect(counts(rows)).toEqual({ up: 3, degraded: 2, down: 1, unknown: 1 }));

describe('a search', () => {
  const [row] = rows.filter(({ id }) => id === 'postgresql');
  it.each([
    [{}, true],
    [{ status: 'down' }, true],
    [{ status: 'red' }, true],
    [{ status: 'up' }, false],
    [{ q: 'POSTGRES' }, true],
    [{ q: 'slow 127.0' }, true],
    [{ q: 'slow 10.0' }, false],
    [{ q: 'postgres', status: 'amber' }, false],
  ])('%p: %p', (sought, expected) => expect(matches(row!, sought)).toBe(expected));
});

it('a peer is told by its host and its calls', () => {
  const peer = { peer_id: 'peer-1', label: 'Lisbon', url: 'https://lisbon.example:8443/cb', calls_in: 3, calls_out: 4 } as Peer;
  expect(peerRow(peer)).toMatchObject({ id: 'peer-1', name: 'Lisbon', place: 'lisbon.example:8443', figure: '7', history: null });
  expect(peerRow({ ...peer, calls_in: 0, calls_out: 0 }).figure).toBe('–');
  expect(peerRow({ ...peer, url: 'no url' }).place).toBe('no url');
});
