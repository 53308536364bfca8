import type { Recorded } from '@app/event-store';
import { hearing } from '@app/event-store/testing';
import { assertShape } from '@app/kernel';
import { ReadModels } from '@app/read-store';
import { GATEWAY, ScriptedAgent, newIdentity } from '../testing/index.js';
import { type TestContext, openContext } from '../testing/machines.js';
import type { AgentStatusChanged } from './events/index.js';
import { agentDirectory } from './read/agent-directory/agent-directory.projection.js';
import { countAgents, troubledAgents } from './read/agent-directory/agent-directory.query.js';
import { EdgeAgent } from './read/agent-directory/agent-directory.view.js';
import { EdgeTunnel } from './read/agent-tunnels/agent-tunnels.view.js';
import type { IssuedJoinToken } from './write/issue-join-token/issue-join-token.view.js';

/** The context on a real log, a real database, real HTTP and real time. */
let context: TestContext;
beforeAll(async () => {
  context = await openContext();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => context.close());

const enroll = async (more: object = {}): Promise<IssuedJoinToken> => {
  const { status, body } = await context.ask('POST', 'edge-agents/enroll', more);
  expect(status).toBe(202);
  return body as IssuedJoinToken;
};
const join = async (token: string, publicKey: string, hostname = 'edge-1'): Promise<string> => {
  const body = JSON.stringify({ token, public_key: publicKey, hostname, version: '0.1.0', os: 'linux x64' });
  const answer = await fetch(`${context.publicUrl}/edge/v1/join`, { method: 'POST', body });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { agent_id: string }).agent_id;
};
const get = async (agentId: string, query = ''): Promise<EdgeAgent> =>
  ((await context.ask('GET', `edge-agents/${agentId}${query}`)).body as { data: EdgeAgent }).data;
const list = async (query: string): Promise<EdgeAgent[]> =>
  ((await context.ask('GET', `edge-agents?${query}`)).body as { data: EdgeAgent[] }).data;
/** Until a row says so. */
const shows = async (agentId: string, wanted: Partial<EdgeAgent>): Promise<EdgeAgent> => {
  const deadline = Date.now() + 25_000;
  for (;;) {
    const shown = await get(agentId);
    if (Object.entries(wanted).every(([field, value]) => shown?.[field as keyof EdgeAgent] === value)) return shown;
    if (Date.now() > deadline) throw new Error(`${JSON.stringify(wanted)} did not come: ${JSON.stringify(shown)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
/** All that the log has of some kinds of things. */
const factsOf = async (...kinds: string[]): Promise<Recorded[]> => {
  const facts: Recorded[] = [];
  const ending = new AbortController();
  await context.store.subscription.watch(
    kinds,
    hearing((fact) => void facts.push(fact)),
    ending.signal,
    () => undefined,
  );
  ending.abort();
  return facts;
};
const arrive = async (label: string): Promise<ScriptedAgent> => {
  const { join_token } = await enroll({ label });
  const identity = newIdentity('');
  const agent = new ScriptedAgent(context.publicUrl, { ...identity, agentId: await join(join_token, identity.publicKey) });
  await agent.enter(); // Right after its join: it is known already.
  return agent;
};

it('one agent, from its token to its revocation', async () => {
  const agent = await arrive('Berlin, rack 4');
  const { agentId } = agent.identity;
  agent.report();
  agent.cost({ day: new Date().toISOString().slice(0, 10) });
  agent.heartbeat(1, new Date().toISOString());
  const connected = await shows(agentId, { status: 'connected' });
  assertShape(EdgeAgent, connected);
  const shown = await shows(agentId, { lifecycle: 'active', health: 'up', reason: null, label: 'Berlin, rack 4' });
  const { uptime_ms: _, ...gateway } = GATEWAY;
  expect(shown.gateways).toMatchObject([gateway]);
  expect(shown.gateways[0]?.uptime_ms).toBeGreaterThanOrEqual(60_000);
  expect(shown.cost).toMatchObject({ usd: 1.5, tokens: 1_000, fresh: true });
  expect(shown.rtt_ms).toBeGreaterThan(0);
  expect([shown.last_heartbeat_at, shown.last_sync_at, shown.connected_at].every((at) => at !== null)).toBe(true);
  expect(shown.evidence.some((position) => position.startsWith('t'))).toBe(true);
  expect(await context.ask('POST', `edge-agents/${agentId}/ping`)).toMatchObject({ status: 200, body: { ok: true } });

  agent.send({ type: 'goodbye', reason: 'stop', expected_back_s: null });
  const gone = await shows(agentId, { status: 'disconnected', reason: 'remote_goodbye' });
  expect(gone).toMatchObject({ health: 'down', connected_at: null, gateways: [gateway] }); // What was known last stays.
  expect(await context.ask('POST', `edge-agents/${agentId}/ping`)).toMatchObject({ status: 200, body: { ok: false } });
  const { body } = await context.ask('GET', `edge-agents/${agentId}/tunnels`);
  const [tunnel] = (body as { data: EdgeTunnel[] }).data;
  assertShape(EdgeTunnel, tunnel);
  expect(tunnel).toMatchObject({ epoch: 1, end_reason: 'goodbye', remote: 'loopback' });

  const back = new ScriptedAgent(context.publicUrl, agent.identity);
  await back.enter();
  const { body: accepted } = await context.ask('POST', `edge-agents/${agentId}/revoke`, { note: 'sold' });
  expect((await back.gone()).code).toBe(4403);
  expect(await get(agentId, `?after=${(accepted as { position: string }).position}`)).toMatchObject({
    lifecycle: 'revoked',
    status: 'revoked',
  });
}, 60_000);

it('is amber while a channel of its gateway is down, though the gateway serves, and green when the channel is back', async () => {
  const agent = await arrive('Vienna');
  const { agentId } = agent.identity;
  const channel = { name: 'telegram', connected: true, lifecycle: 'ready', error: null, down_ms: null };
  agent.report({ gateways: [{ ...GATEWAY, channels: [channel] }] });
  await shows(agentId, { status: 'connected', health: 'up', reason: null });

  const down = { ...channel, connected: false, lifecycle: 'recovering', error: 'timeout', down_ms: 200_000 };
  const sentence = 'The gateway is ready; channel telegram is not connected.';
  agent.report({ gateways: [{ ...GATEWAY, reason: 'dependency_down', sentence, channels: [down] }] });
  const amber = await shows(agentId, {
    ...{ status: 'degraded', health: 'degraded', reason: 'dependency_down' },
    sentence: `Its gateway main serves, and is not well: ${sentence}`,
  });
  expect(amber.gateways).toMatchObject([{ name: 'main', state: 'ready', health: 'degraded', reason: 'dependency_down' }]);
  expect(amber.gateways[0]?.channels).toMatchObject([{ name: 'telegram', connected: false, error: 'timeout' }]);
  expect((await list('status=degraded')).map(({ agent_id }) => agent_id)).toContain(agentId);

  agent.report({ gateways: [{ ...GATEWAY, channels: [channel] }] });
  await shows(agentId, { status: 'connected', health: 'up', reason: null });
  agent.send({ type: 'goodbye', reason: 'stop', expected_back_s: null });
  await shows(agentId, { status: 'disconnected' }); // For good: what follows compares rows.
}, 90_000);

it('comes back after the process that held its tunnel started anew, and was never red', async () => {
  const agent = await arrive('Lisbon');
  const { agentId } = agent.identity;
  agent.report();
  await shows(agentId, { status: 'connected' });
  await context.restart();
  expect((await agent.gone()).code).toBe(1012);
  await shows(agentId, { status: 'unknown', reason: 'observer_unhealthy' });
  const back = new ScriptedAgent(context.publicUrl, agent.identity);
  await back.enter();
  expect((await back.said('welcome')).epoch).toBe(2);
  await shows(agentId, { status: 'connected' });
  back.vanish();
  await shows(agentId, { status: 'reconnecting', reason: 'connection_lost' });
  const again = new ScriptedAgent(context.publicUrl, agent.identity);
  await again.enter();
  await shows(agentId, { status: 'connected' });
  const statusHistory = (await factsOf('edge.agent'))
    .filter(({ subject, type }) => subject.endsWith(agentId) && type === 'edge.agent.status-changed')
    .map(({ data }) => (data as AgentStatusChanged).to);
  expect(statusHistory).toEqual(['enrolled', 'connected', 'unknown', 'connected', 'reconnecting', 'connected']);
  again.send({ type: 'goodbye', reason: 'stop', expected_back_s: null });
  await shows(agentId, { status: 'disconnected' }); // For good: what follows compares rows.
}, 60_000);

it('finds, counts, and knows who is in trouble', async () => {
  const reads = context.app.get(ReadModels);
  const all = await list('limit=200');
  const { data: counts } = await reads.answer(agentDirectory, {}, countAgents);
  expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
  for (const { status, health, count } of counts)
    expect([status, all.filter((one) => one.status === status && one.health === health).length]).toEqual([status, count]);
  expect((await list('q=lisb')).map(({ label }) => label)).toEqual(['Lisbon']);
  expect((await list('q=LISB%25')).map(({ label }) => label)).toEqual([]);
  const [lisbon] = await list('q=lisb');
  expect(await list(`join_token_id=${lisbon?.join_token_id}`)).toEqual([lisbon]);
  expect(await list('join_token_id=none')).toEqual([]);
  expect((await list('status=revoked')).map(({ label }) => label)).toEqual(['Berlin, rack 4']);
  const { data: troubled } = await reads.answer(agentDirectory, {}, troubledAgents);
  expect(troubled).toEqual(all.filter(({ health }) => health === 'degraded' || health === 'down'));
});

describe('an archived agent', () => {
  const command = async (agentId: string, what: string): Promise<string> => {
    const { status, body } = await context.ask('POST', `edge-agents/${agentId}/${what}`, what === 'revoke' ? { note: '' } : {});
    expect(status).toBe(202);
    return (body as { position: string }).position;
  };
  const idsOf = async (query: string): Promise<string[]> => {
    const { status, body } = await context.ask('GET', `edge-agents?limit=200&${query}`);
    expect(status).toBe(200);
    return (body as { data: EdgeAgent[] }).data.map(({ agent_id }) => agent_id);
  };
  const joined = async (label: string): Promise<string> => {
    const { join_token } = await enroll({ label });
    return join(join_token, newIdentity('').publicKey);
  };
  /** Until the table holds what was written at a position. */
  const readUpTo = async (position: string): Promise<void> => {
    const deadline = Date.now() + 25_000;
    while ((await context.ask('GET', `edge-agents?limit=1&after=${position}`)).status !== 200)
      if (Date.now() > deadline) throw new Error(`${position} was not read in time`);
  };

  it('is listed and counted only by those who ask for it, until that is undone', async () => {
    const reads = context.app.get(ReadModels);
    const counted = async (): Promise<number> =>
      (await reads.answer(agentDirectory, {}, countAgents)).data.reduce((sum, { count }) => sum + count, 0);
    const id = await joined('Faro');
    const archived = await command(id, 'archive');
    await readUpTo(archived);
    expect(await idsOf('q=Faro')).toEqual([]);
    expect(await idsOf('q=Faro&archived=exclude')).toEqual([]);
    expect(await idsOf('q=Faro&archived=include')).toEqual([id]);
    expect(await idsOf('q=Faro&archived=only')).toEqual([id]);
    expect(await idsOf('archived=only')).toEqual([id]);
    const shown = await get(id);
    assertShape(EdgeAgent, shown);
    expect(shown.archived_at).not.toBeNull();
    expect(await counted()).toBe((await idsOf('')).length);
    const undone = await command(id, 'unarchive');
    await readUpTo(undone);
    expect(await idsOf('q=Faro')).toEqual([id]);
    expect(await idsOf('archived=only')).toEqual([]);
  });

  it('gives its label to the one that is in use', async () => {
    const [first, second, third] = [await joined('Porto'), await joined('Porto'), await joined('Porto')];
    await command(first, 'revoke');
    const archived = await command(second, 'archive');
    await readUpTo(archived);
    expect(await idsOf('label=Porto')).toEqual([third]);
    expect(await idsOf('label=Porto&archived=exclude')).toEqual([first, third]);
    expect(await idsOf('label=Porto&archived=only')).toEqual([second]);
    expect(await idsOf('label=Port')).toEqual([]);
    const last = await command(third, 'archive');
    await readUpTo(last);
    expect(await idsOf('label=Porto')).toEqual([first, second, third]); // None is in use: whoever asks has to choose.
  });
});

it('a token is in no fact and no table, and is good once', async () => {
  const { join_token, position } = await enroll();
  await join(join_token, newIdentity('').publicKey);
  const other = JSON.stringify({ token: join_token, public_key: newIdentity('').publicKey, hostname: 'x', version: '1', os: 'y' });
  expect((await fetch(`${context.publicUrl}/edge/v1/join`, { method: 'POST', body: other })).status).toBe(422);
  const facts = (await factsOf('edge.join-token', 'edge.agent')).map((fact) => JSON.stringify(fact));
  expect(facts.length).toBeGreaterThan(3);
  const rows = JSON.stringify(await context.db.query('SELECT * FROM private.edge_join_token'));
  const answers = JSON.stringify(await list(`limit=200&after=${position}`));
  expect(`${facts.join()} ${rows} ${answers}`).not.toContain(join_token.slice(4));
});

it('comes back equal when its tables are dropped; what was measured is not among them', async () => {
  const agent = await arrive('Quito');
  const { agentId } = agent.identity;
  agent.report();
  await shows(agentId, { status: 'connected' });
  const [{ count }] = await context.db.query(
    `SELECT count(*)::int FROM rollup.agent_latest WHERE agent_id = $1 AND gauges_at IS NOT NULL`,
    [agentId],
  );
  expect(count).toBe(1);
  const rows = async (): Promise<object[]> => {
    const { body } = await context.ask('POST', 'edge-agents/enroll', {}); // A fact that is not of these rows.
    await list(`limit=1&after=${(body as IssuedJoinToken).position}`);
    return context.db.query(`SELECT to_jsonb(d) AS row FROM read.agent_directory d ORDER BY agent_id`);
  };
  const before = await rows();
  await context.db.query('DROP SCHEMA rm_agent_directory_v3 CASCADE');
  expect(await rows()).toEqual(before);
  expect(await get(agentId)).toMatchObject({ status: 'connected', gateways: [{ sessions: GATEWAY.sessions }] });
}, 60_000);
