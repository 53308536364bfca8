import type { Component, EdgeAgent, Health, Peer } from '../contract.js';
import { local } from './moment.js';
import { agentRow, componentRow, counts, foundBy, grouped, matches, peerRow } from './rows.js';

const component = (id: string, kind: Component['kind'], health: Health, since = '2026-11-23T10:00:00.000Z'): Component => ({
  component_id: id,
  kind,
  name: id,
  target: '127.0.0.1:4600',
  status: ({ up: 'green', degraded: 'amber', down: 'red', unknown: 'unknown' } as const)[health],
  health,
  reason: health === 'up' ? null : 'slow',
  sentence: `It is ${health}.`,
  details: {},
  since,
  last_good_at: null,
  next_probe_at: null,
  critical: false,
  latency_ms: 4.2,
  p95_ms: 9,
  last_probe_at: null,
  capability: null,
  version: null,
  agent_gateways_total: 0,
  agent_gateways: [],
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

it('counts by what they are filed under', () => {
  expect(counts(rows)).toEqual({ up: 3, degraded: 2, down: 1, unknown: 1 });
  const peers = ['pending', 'pending', 'suspended', 'unknown'].map((status) =>
    peerRow({ status, health: 'unknown', url: '', label: '', sentence: '' } as Peer),
  );
  expect(counts(peers)).toEqual({ pending: 2, suspended: 1, unknown: 1 });
  expect(peers.filter((row) => matches(row, { status: 'unknown' }))).toHaveLength(1);
});

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

describe('a peer', () => {
  const peer = {
    peer_id: 'peer-1',
    label: 'Lisbon',
    url: 'https://lisbon.example:8443/cb',
    status: 'connected',
    sentence: 'It is suspended until 2026-11-23T10:00:00.000Z.',
    rtt_ms: 41.7,
    last_good_at: '2026-11-23T10:00:00.000Z',
  } as Peer;

  it('is told by its host and its round trip', () => {
    expect(peerRow(peer)).toMatchObject({ id: 'peer-1', name: 'Lisbon', place: 'lisbon.example:8443', figure: '42 ms', history: null });
    expect(peerRow({ ...peer, rtt_ms: null }).figure).toBe('–');
    expect(peerRow({ ...peer, url: 'no url' }).place).toBe('no url');
  });

  it('says what a search found that its line does not show', () => {
    const row = peerRow({ ...peer, remote_peer_id: 'inst-lisbon-2', health: 'up' });
    const found = (q?: string) => [matches(row, { q }), foundBy(row, { q })];
    expect([found(), found('lisbon'), found('8443 connected')]).toEqual([
      [true, null],
      [true, null],
      [true, null],
    ]);
    expect(found('peer-1')).toEqual([true, 'id peer-1']);
    expect(found('lisbon-2')).toEqual([true, 'instance inst-lisbon-2']);
    expect(found('lisbon inst-lisbon /cb')).toEqual([true, 'instance inst-lisbon-2, address https://lisbon.example:8443/cb']);
    expect(found('suspended')).toEqual([true, expect.stringMatching(/^says It is suspended until /)]);
    expect(foundBy(peerRow({ ...peer, health: 'down' }), { q: 'suspended' })).toBeNull();
  });

  it('is told of in the time of who reads', () =>
    expect(peerRow(peer).sentence).toBe(`It is suspended until ${local('2026-11-23T10:00:00.000Z')}.`));

  it.each([
    ['connected', null],
    ['degraded', null],
    ['disconnected', peer.last_good_at],
    ['auth_failed', peer.last_good_at],
    ['suspended', peer.last_good_at],
  ] as const)('that is %s is known as of %p', (status, knownAt) => expect(peerRow({ ...peer, status }).knownAt).toBe(knownAt));
});

describe('an agent', () => {
  const agent = {
    agent_id: 'agent-1',
    label: 'berlin',
    hostname: 'berlin-3',
    status: 'connected',
    sentence: 'It answers.',
    gateways: [{ name: 'research' }],
  };
  const row = (over: object = {}) => agentRow({ ...agent, rtt_ms: 14, ...over } as EdgeAgent);

  it('is told by its label and its host, or by its host alone', () => {
    expect(row()).toMatchObject({ name: 'berlin', place: 'berlin-3', figure: '14 ms' });
    expect(row({ label: '' })).toMatchObject({ name: 'berlin-3', place: null });
    expect(row({ label: '', hostname: null })).toMatchObject({ name: 'agent-1', place: null });
  });

  it('that is away has no uptime and no round trip of now, and says what it had when it was last heard', () => {
    const heard = { started_at: '2026-11-23T07:00:00.000Z', last_heartbeat_at: '2026-11-23T10:00:00.000Z' };
    expect(row({ ...heard })).toMatchObject({ figure: '14 ms', knownAt: null, knownThen: null });
    expect(row({ ...heard, status: 'disconnected' })).toMatchObject({
      figure: '–',
      knownAt: heard.last_heartbeat_at,
      knownThen: 'up 3h, round trip 14 ms',
    });
    expect(row({ ...heard, status: 'revoked' })).toMatchObject({ figure: '–', knownThen: null });
    expect(row({ ...heard, status: 'stale', rtt_ms: null, started_at: null }).knownThen).toBeNull();
  });

  it('is found by the name of a gateway beside it', () => {
    expect(matches(row(), { q: 'research' })).toBe(true);
    expect(foundBy(row(), { q: 'research berlin' })).toBe('gateway research');
    expect(matches(row(), { q: 'archive' })).toBe(false);
  });
});
