import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AnswerOf, ListAnswerOf, type Problem } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { ReadModels } from '@app/read-store';
import { synced } from '../../../testing/index.js';
import { GaugesReceived } from '../../events/index.js';
import { TIER_LIMITS } from '../../tunnel.frames.js';
import { AgentDirectoryController } from './agent-directory.controller.js';
import { EdgeAgent } from './agent-directory.view.js';

const known = {
  agent_id: 'agent-berlin',
  label: 'Berlin, rack 4',
  hostname: 'edge-1',
  lifecycle: 'active',
  status: 'connected',
  health: 'up',
  reason: null,
  details: {},
  since: NOW,
  version: '0.1.0',
  os: 'linux',
  started_at: NOW,
  connected_at: NOW,
  last_heartbeat_at: NOW,
  rtt_ms: 3.5,
  expected_back_at: null,
  held_at: null,
  archived_at: null,
  ephemeral: false,
  enrolled_at: NOW,
  enrolled_by: 'token:7c9e6679',
  join_token_id: 'join-1',
  key_fingerprint: '21fe-31df-a154-a261-626b-f854-046f-d227',
  cost: {
    ...{ day: '2026-02-01', usd: 1, tokens: 2, missing_cost_entries: 0, fresh: true },
    by_model: [{ model: 'm', usd: 1, tokens: 2 }],
    by_agent: [{ gateway: 'main', agent: 'clerk', usd: 1, tokens: 2 }],
  },
} as const;
const row = {
  ...known,
  synced_at: NOW,
  last_sync_at: '2026-02-01T12:01:00.000Z',
  heartbeat_position: 't9',
  gateways: synced.data.gateways.map((one) => ({ ...one, known_at: null as string | null })),
  ...{ cpu_ratio: 0.12, mem_ratio: 0.4, disk_ratio: 0.61 },
  cost_at: NOW,
  evidence: ['f7'],
  judged_at: NOW,
  evaluated: null,
  ...{ gauges: null, gauges_at: null, last_cost: null, last_cost_at: null },
  ...{ rejected_count: null, rejected_reason: null, rejected_address: null, rejected_at: null },
};
const [{ started_at: gatewayStarted, ...gateway }] = synced.data.gateways as [(typeof synced.data.gateways)[0] & object];
const shown = {
  ...known,
  sentence: 'Connected; nothing is wrong.',
  last_sync_at: '2026-02-01T12:01:00.000Z',
  rejected: null,
  host: { cpu_ratio: 0.12, mem_ratio: 0.4, disk_ratio: 0.61, at: NOW },
  gateways: [
    {
      ...gateway,
      known_at: null,
      uptime_ms: Date.parse('2026-02-01T12:01:00.000Z') - Date.parse(gatewayStarted ?? ''),
      health: 'up',
      tier_advice: TIER_LIMITS.scopes_withheld,
    },
  ],
  evidence: ['f7', 't9'],
};

/** What it was asked, and with which values the statement ran. */
const asked: { about: unknown; values: readonly unknown[] }[] = [];
let rows: object[] = [row];
let app: TestApp;
const reads: ReadModels = {
  answer: async ({ table }, { after, ...about }, query) => {
    const data = await query({ query: async (_text, values) => (asked.push({ about: { table, ...about }, values }), { rows }) });
    return { data, as_of: NOW, position: after ?? 'f81730', lag_ms: 3, warnings: [] };
  },
};
beforeAll(async () => {
  app = await testAppOf([AgentDirectoryController], [{ provide: ReadModels, useValue: reads }]);
});
beforeEach(() => {
  asked.length = 0;
  rows = [row];
});
afterAll(() => app.close());

it('answers with a page, of facts and measurements together', async () => {
  const { status, body } = await app.ask('GET', 'edge-agents?status=connected&q=berlin&join_token_id=join-1&after=f81724');
  expect([status, body]).toEqual([200, { as_of: NOW, position: 'f81724', lag_ms: 3, warnings: [], data: [shown] }]);
  expect(() => assertShape(ListAnswerOf(EdgeAgent), body)).not.toThrow();
  expect(asked).toEqual([
    {
      about: { table: 'agent_directory', status: 'connected', q: 'berlin', join_token_id: 'join-1', limit: 50 },
      values: ['connected', '%berlin%', 'join-1', null, 'exclude', false, null, null, 51],
    },
  ]);
});

it('says what it does not know of an agent that was never heard', async () => {
  const silent = { last_heartbeat_at: null, last_sync_at: null, rtt_ms: null, cost: null };
  rows = [
    {
      ...row,
      ...silent,
      synced_at: null,
      cost_at: null,
      heartbeat_position: null,
      gateways: [],
      cpu_ratio: null,
      mem_ratio: null,
      disk_ratio: null,
    },
  ];
  const { body } = await app.ask('GET', 'edge-agents/agent-berlin');
  expect(body).toMatchObject({ data: { ...silent, gateways: [], host: null, evidence: ['f7'] } });
  expect(() => assertShape(AnswerOf(EdgeAgent), body)).not.toThrow();
});

it('makes the sentence when it answers, of the latest evaluation of the same verdict', async () => {
  const trouble = { ...row, status: 'degraded', health: 'degraded', reason: 'dependency_down', details: { gateways: ['main'] } };
  const later = {
    id: 'agent-berlin',
    at: NOW,
    status: 'degraded',
    reason: 'dependency_down',
    details: { gateways: ['lab'] },
    evidence: ['t9'],
  };
  const sentenceOf = async (one: object): Promise<string> => {
    rows = [one];
    const { body } = await app.ask('GET', 'edge-agents/agent-berlin');
    expect(() => assertShape(AnswerOf(EdgeAgent), body)).not.toThrow();
    return (body as { data: EdgeAgent }).data.sentence;
  };
  expect(await sentenceOf(trouble)).toBe('Its gateway main does not serve.');
  expect(await sentenceOf({ ...trouble, evaluated: later })).toBe('Its gateway lab does not serve.');
  expect(await sentenceOf({ ...trouble, evaluated: { ...later, status: 'connected' } })).toBe('Its gateway main does not serve.');
  expect(await sentenceOf({ ...trouble, details: { stored_sentence: 'As it was stored.' } })).toBe('As it was stored.');
});

describe('what moves', () => {
  const BEFORE = '2026-02-01T11:59:00.000Z';
  const AFTER = '2026-02-01T12:00:30.000Z';
  const moved = { latency_ms: 80, sessions: 9, sentence: 'Ready, and busy.' };
  const { agent_id: _, costs: __, ...example } = GaugesReceived.example;
  const measured = (at: string, ...names: string[]) => ({
    gauges: { ...example, gateways: names.map((name) => ({ name, ...moved })) },
    gauges_at: at,
  });
  const gatewaysShown = async (more: object): Promise<EdgeAgent['gateways']> => {
    rows = [{ ...row, ...more }];
    const { body } = await app.ask('GET', 'edge-agents/agent-berlin');
    expect(() => assertShape(AnswerOf(EdgeAgent), body)).not.toThrow();
    return (body as { data: EdgeAgent }).data.gateways;
  };

  it('is as it was last measured', async () => {
    expect(await gatewaysShown(measured(AFTER, 'main'))).toEqual([{ ...shown.gateways[0], ...moved }]);
  });

  it('is as facts say where those are newer', async () => {
    for (const at of [BEFORE, NOW]) expect(await gatewaysShown(measured(at, 'main'))).toEqual(shown.gateways);
  });

  it('of a gateway that is gone is not shown, and one that was not measured is as facts say', async () => {
    expect(await gatewaysShown(measured(AFTER, 'gone'))).toEqual(shown.gateways);
    expect(await gatewaysShown({ ...measured(AFTER, 'main'), gateways: [], synced_at: null })).toEqual([]);
    const spare = { ...row.gateways[0], name: 'spare' };
    const both = await gatewaysShown({ ...measured(AFTER, 'main'), gateways: [...row.gateways, spare] });
    expect(both.map(({ name, sessions }) => [name, sessions])).toEqual([
      ['main', 9],
      ['spare', 3],
    ]);
  });

  it.each([
    ['ready', null, 'up'],
    ['ready', 'dependency_down', 'degraded'],
    ['ready', 'protocol_mismatch', 'degraded'],
    ['draining', 'draining', 'degraded'],
    ['unauthorised', 'rate_limited', 'degraded'],
    ['unreachable', 'connect_refused', 'down'],
  ])('of a gateway that is %s for the reason %s is %s', async (state, reason, health) => {
    const gateways = row.gateways.map((one) => ({ ...one, state, reason }));
    expect(await gatewaysShown({ gateways })).toMatchObject([{ state, reason, health }]);
  });

  it('has the channels as they were last measured, and those of facts when the agent that measured told none', async () => {
    const [channel] = GaugesReceived.example.gateways[0]!.channels;
    const gauges = (channels?: object[]) => ({
      gauges: { ...GaugesReceived.example, gateways: [{ name: 'main', latency_ms: 1, sessions: 1, sentence: '', channels }] },
      gauges_at: AFTER,
    });
    expect(await gatewaysShown(JSON.parse(JSON.stringify(gauges([channel!]))))).toMatchObject([{ channels: [{ connected: true }] }]);
    expect(await gatewaysShown(JSON.parse(JSON.stringify(gauges())))).toMatchObject([{ channels: [{ connected: false }] }]);
  });

  it.each<[string, object, object | null]>([
    ['by facts alone', {}, { ...shown.host }],
    [
      'later by telemetry',
      { gauges: { ...example, disk_ratio: 0.93 }, gauges_at: AFTER },
      { cpu_ratio: 0.18, mem_ratio: 0.41, disk_ratio: 0.93, at: AFTER },
    ],
    ['earlier by telemetry', { gauges: { ...example, disk_ratio: 0.93 }, gauges_at: BEFORE }, { ...shown.host }],
    ['by nothing', { cpu_ratio: null, mem_ratio: null, disk_ratio: null }, null],
  ])('how busy a host is, told %s', async (_how, more, host) => {
    rows = [{ ...row, ...more }];
    const { body } = await app.ask('GET', 'edge-agents/agent-berlin');
    expect(() => assertShape(AnswerOf(EdgeAgent), body)).not.toThrow();
    expect((body as { data: EdgeAgent }).data.host).toEqual(host);
  });

  it('is what a sentence says, not what it was when the status changed', async () => {
    const degraded = { status: 'degraded', health: 'degraded', sentence: 'As it was when the status changed.' };
    const sentence = async (more: object): Promise<string> => {
      rows = [{ ...row, ...degraded, ...more }];
      return ((await app.ask('GET', 'edge-agents/agent-berlin')).body as { data: EdgeAgent }).data.sentence;
    };
    expect(await sentence({ reason: 'disk_full', disk_ratio: 0.937 })).toBe('The disk of its host is 93 % full.');
    const gateways = [{ ...row.gateways[0], state: 'unreachable', sentence: '127.0.0.1:18789 refuses connections.' }];
    expect(await sentence({ reason: 'dependency_down', gateways })).toBe(
      'Its gateway main does not serve: 127.0.0.1:18789 refuses connections.',
    );
  });

  it('of a gateway that does not answer is as old as it says', async () => {
    const KNOWN_AT = '2026-02-01T10:14:02.120Z'; // An hour after it started.
    const gone = { ...row.gateways[0], state: 'unreachable', known_at: KNOWN_AT };
    expect(await gatewaysShown({ gateways: [gone] })).toMatchObject([{ version: '2026.9.6', known_at: KNOWN_AT, uptime_ms: 3_600_000 }]);
  });

  it('a cost of a row that an earlier release wrote, which does not tell agents apart', async () => {
    const { by_agent: _, ...cost } = known.cost;
    rows = [{ ...row, cost }];
    expect((await app.ask('GET', 'edge-agents/agent-1')).body).toMatchObject({ data: { cost: { ...cost, by_agent: [] } } });
  });

  it.each<[string, object, number | undefined]>([
    ['by facts alone', {}, 1],
    ['by telemetry alone', { cost: null, cost_at: null, last_cost: { ...known.cost, usd: 5 }, last_cost_at: NOW }, 5],
    ['later the same day', { last_cost: { ...known.cost, usd: 5 }, last_cost_at: AFTER }, 5],
    ['earlier the same day', { last_cost: { ...known.cost, usd: 5 }, last_cost_at: BEFORE }, 1],
    ['on a later day', { last_cost: { ...known.cost, day: '2026-02-02', usd: 5 }, last_cost_at: BEFORE }, 5],
    ['on an earlier day', { last_cost: { ...known.cost, day: '2026-01-31', usd: 5 }, last_cost_at: AFTER }, 1],
    ['by nothing', { cost: null, cost_at: null }, undefined],
  ])('a cost that is told %s', async (_how, more, usd) => {
    rows = [{ ...row, ...more }];
    const { body } = await app.ask('GET', 'edge-agents/agent-berlin');
    expect(() => assertShape(AnswerOf(EdgeAgent), body)).not.toThrow();
    expect((body as { data: EdgeAgent }).data.cost?.usd).toBe(usd);
  });
});

it('has a next page when there is more than was asked for', async () => {
  rows = [row, { ...row, agent_id: 'agent-lisbon' }, { ...row, agent_id: 'agent-quito' }];
  expect((await app.ask('GET', 'edge-agents?limit=2')).body).toMatchObject({
    data: [{ agent_id: 'agent-berlin' }, { agent_id: 'agent-lisbon' }],
    next_cursor: `${NOW}~agent-lisbon`,
  });
  rows = [row];
  expect((await app.ask('GET', `edge-agents?limit=2&cursor=${NOW}~agent-lisbon`)).body).not.toHaveProperty('next_cursor');
  expect(asked[1]?.values).toEqual([null, null, null, null, 'exclude', false, NOW, 'agent-lisbon', 3]);
});

it('says no to an agent nobody enrolled', async () => {
  rows = [];
  expect(await app.ask('GET', 'edge-agents/agent-quito')).toMatchObject({ status: 404, body: { code: 'edge.agent-unknown' } });
});

it.each([
  ['limit', '9000'],
  ['status', 'gone'],
  ['q', 'x'.repeat(101)],
  ['join_token_id', 'a b'],
  ['cursor', 'agent-berlin'],
  ['after', '81724'],
  ['sort', 'up'],
  ['archived', 'yes'],
  ['label', 'x'.repeat(101)],
])('does not understand ?%s=%s', async (field, value) => {
  const { status, body } = await app.ask('GET', `edge-agents?${field}=${value}`);
  expect([status, (body as Problem).errors?.[0]?.field]).toEqual([400, field]);
});

it('shows handshakes that were rejected since the agent was last heard', async () => {
  rows = [{ ...row, rejected_count: 3, rejected_reason: 'address_mismatch', rejected_address: 'http://localhost:4601', rejected_at: NOW }];
  const { body } = await app.ask('GET', 'edge-agents/agent-berlin');
  expect(() => assertShape(EdgeAgent, (body as { data: object }).data)).not.toThrow();
  expect(body).toMatchObject({
    data: {
      rejected: {
        ...{ count: 3, reason: 'address_mismatch', address: 'http://localhost:4601', last_at: NOW },
        sentence: expect.stringContaining('http://localhost:4601, which is not of this instance'),
      },
    },
  });
});

it('is described field by field', () => {
  const { components } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
  const agent = components?.schemas?.['EdgeAgent'] as { properties: object; required: string[] };
  expect(Object.keys(agent.properties).sort()).toEqual(Object.keys(shown).sort());
  expect(agent.required.toSorted()).toEqual(Object.keys(shown).sort()); // Some may be null; none is absent.
});
