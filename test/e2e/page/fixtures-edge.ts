import type { EdgeAgent, Gateway, Ping } from '../../../apps/dashboard/src/contract.js';
import { before } from './fixtures.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const today = (): string => before(0).slice(0, 10);

export function gateway(over: Partial<Gateway> & Pick<Gateway, 'name'>): Gateway {
  return {
    capability: 'read',
    tier_limit: null,
    tier_advice: null,
    channels: [],
    state: 'ready',
    health: 'up',
    version: '2026.9.6',
    known_at: null,
    uptime_ms: 51 * HOUR,
    latency_ms: 6.2,
    sessions: 14,
    reason: null,
    sentence: 'Ready.',
    ...over,
  };
}

export function agent(over: Partial<EdgeAgent> & Pick<EdgeAgent, 'agent_id' | 'label'>): EdgeAgent {
  return {
    hostname: over.label,
    lifecycle: 'active',
    status: 'connected',
    health: 'up',
    reason: null,
    sentence: 'Its tunnel answers, and it reports as it should.',
    details: {},
    since: before(31 * HOUR),
    version: '0.1.0',
    os: 'linux x64 6.12',
    started_at: before(74 * HOUR),
    connected_at: before(31 * HOUR),
    last_heartbeat_at: before(8 * SECOND),
    last_sync_at: before(22 * SECOND),
    rtt_ms: 14.2,
    expected_back_at: null,
    held_at: null,
    rejected: null,
    archived_at: null,
    ephemeral: false,
    enrolled_at: before(12 * 24 * HOUR),
    enrolled_by: 'session:1f6e2c30-88d4-4f0e-9d51-0c8a2f1b7a11',
    join_token_id: `join-${over.agent_id.slice(6)}`,
    key_fingerprint: 'sha256:91be07d4c3f2',
    gateways: [gateway({ name: 'main' })],
    host: { cpu_ratio: 0.12, mem_ratio: 0.4, disk_ratio: 0.61, at: before(22 * SECOND) },
    cost: null,
    evidence: ['t90110'],
    ...over,
  };
}

/** One that keeps dying, one that said it would be back, one that never came, and two that are well. */
export const agents = (): EdgeAgent[] => [
  agent({
    agent_id: 'agent-b3a1f0c47d92e586',
    label: 'berlin-3',
    hostname: 'berlin-3.rack.example',
    status: 'disconnected',
    health: 'down',
    reason: 'heartbeat_timeout',
    sentence: 'No frame for 50 s and the grace of 15 s is over.',
    since: before(4 * MINUTE + 12 * SECOND),
    connected_at: null,
    last_heartbeat_at: before(5 * MINUTE),
    last_sync_at: before(5 * MINUTE + 30 * SECOND),
    started_at: before(5 * MINUTE + 3 * HOUR),
    rtt_ms: 31,
    cost: {
      day: today(),
      usd: 2.18,
      tokens: 612_400,
      by_model: [
        { model: 'claude-sonnet-4.5', usd: 1.9, tokens: 540_000 },
        { model: 'claude-haiku-4.5', usd: 0.28, tokens: 72_400 },
      ],
      by_agent: [],
      missing_cost_entries: 3,
      fresh: false,
    },
    evidence: ['f408', 't90044'],
  }),
  agent({
    agent_id: 'agent-11d0c5e2a8b74f93',
    label: 'lisbon-1',
    hostname: 'lisbon-1.rack.example',
    gateways: [
      gateway({ name: 'main' }),
      gateway({
        name: 'research',
        capability: 'probe',
        tier_limit: 'scopes_withheld',
        tier_advice: 'Run the agent on the machine of the gateway to read its cost.',
        channels: [
          { name: 'a2a', connected: true, lifecycle: 'ready', error: null, down_since: null },
          { name: 'telegram', connected: false, lifecycle: 'recovering', error: 'timeout', down_since: before(12 * MINUTE) },
          { name: 'webhook', connected: null, lifecycle: 'ready', error: null, down_since: null },
        ],
        health: 'degraded',
        sessions: null,
        latency_ms: 210,
        reason: 'dependency_down',
        sentence: 'The gateway is ready; channel telegram is not connected.',
      }),
    ],
    cost: {
      day: today(),
      usd: 11.06,
      tokens: 3_204_118,
      by_model: [
        { model: 'claude-haiku-4.5', usd: 0.004, tokens: 2_100 },
        { model: 'claude-opus-4.5', usd: 8.9, tokens: 1_102_000 },
        { model: 'claude-sonnet-4.5', usd: 2.156, tokens: 2_100_018 },
      ],
      by_agent: [
        { gateway: 'main', agent: 'clerk', usd: 8.06, tokens: 2_204_118 },
        { gateway: 'research', agent: 'clerk', usd: 3, tokens: 1_000_000 },
      ],
      missing_cost_entries: 0,
      fresh: true,
    },
  }),
  agent({
    agent_id: 'agent-4c9e83d1b6a05f27',
    label: '',
    hostname: 'oslo-lab',
    rtt_ms: 48,
    gateways: [gateway({ name: 'main', capability: 'http', sessions: null })],
  }),
  agent({
    agent_id: 'agent-70fa2be6c1d8459e',
    label: 'porto-2',
    status: 'restarting',
    health: 'degraded',
    reason: 'remote_restarting',
    sentence: 'It said goodbye to restart, and expects to be back within 60 s.',
    since: before(18 * SECOND),
    connected_at: null,
    last_heartbeat_at: before(20 * SECOND),
    last_sync_at: before(51 * SECOND),
    rtt_ms: 19,
    expected_back_at: before(-42 * SECOND),
  }),
  agent({
    agent_id: 'agent-e8d25b90fa3c6714',
    label: 'ci-runner-7',
    hostname: null,
    lifecycle: 'enrolled',
    status: 'enrolled',
    health: 'unknown',
    reason: 'never_connected',
    sentence: 'It has joined, and has not opened its tunnel yet.',
    since: before(2 * MINUTE),
    version: null,
    os: null,
    started_at: null,
    connected_at: null,
    last_heartbeat_at: null,
    last_sync_at: null,
    rtt_ms: null,
    ephemeral: true,
    enrolled_at: before(2 * MINUTE),
    gateways: [],
    host: null,
    evidence: [],
  }),
];

/** Only who is connected answers. */
export const pingOf = ({ status }: EdgeAgent): Ping =>
  status === 'connected'
    ? { ok: true, rtt_ms: 13.8, sentence: 'It answered through its tunnel.' }
    : { ok: false, rtt_ms: null, sentence: 'It has no tunnel to this instance now.' };

/** As the API chooses: without `archived` those that are not. */
export function agentsFor(all: readonly EdgeAgent[], query: URLSearchParams): EdgeAgent[] {
  const archived = query.get('archived') ?? 'exclude';
  const q = query.get('q') ?? '';
  return all.filter(
    ({ archived_at: at, agent_id: id, label }) =>
      (archived === 'include' || (archived === 'only') === (at !== null)) && `${id} ${label}`.includes(q),
  );
}
