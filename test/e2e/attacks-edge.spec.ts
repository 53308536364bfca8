import { WebSocket } from 'ws';
import { GATEWAY, type Identity, ScriptedAgent, newIdentity } from '../../libs/edge/testing/scripted-agent.js';
import { JOIN_PATH, LIMITS, SUBPROTOCOL, TUNNEL_PATH } from '../../libs/edge/src/tunnel.protocol.js';
import { type System, dataDir, startSystem, until } from './system.js';

/** A system behind a proxy on loopback, which names each client. */
const data = dataDir();
let system: System;
beforeAll(async () => void (system = await startSystem({ dataDir: data.path, env: { TRUSTED_PROXIES: '127.0.0.0/8' } })), 120_000);
afterAll(async () => {
  await system.stop();
  await data.remove();
}, 60_000);

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': `203.0.113.200, ${address}` });
const WRONG_TOKEN = `cbj_${'x'.repeat(43)}`;

async function join(address: string, token: string): Promise<{ readonly status: number; readonly identity: Identity }> {
  const identity = newIdentity('');
  const body = JSON.stringify({ token, public_key: identity.publicKey, hostname: 'edge', version: '0.1.0', os: 'linux' });
  const answer = await fetch(system.publicUrl + JOIN_PATH, { method: 'POST', body, headers: from(address) });
  const { agent_id = '' } = (await answer.json()) as { agent_id?: string };
  return { status: answer.status, identity: { ...identity, agentId: agent_id } };
}

async function enrolled(address: string): Promise<Identity> {
  const { body } = await system.call('POST', 'edge-agents/enroll', {});
  const { status, identity } = await join(address, body.join_token);
  expect(status).toBe(201);
  return identity;
}

const agentOf = (identity: Identity, address: string): ScriptedAgent =>
  new ScriptedAgent(system.publicUrl, identity, undefined, undefined, from(address)['x-forwarded-for']);

describe('behind a proxy', () => {
  it('wrong logins of one client lock out that client only', async () => {
    const login = async (address: string): Promise<number> =>
      (await system.call('POST', 'session', { code: `cb_login_${'x'.repeat(52)}` }, from(address))).status;
    for (let i = 0; i < 10; i++) expect(await login('192.0.2.1')).toBe(401);
    expect(await login('192.0.2.1')).toBe(429);
    expect(await login('192.0.2.2')).toBe(401);
  });

  it('wrong joins of one client lock out that client only', async () => {
    for (let i = 0; i < 10; i++) expect((await join('192.0.2.1', WRONG_TOKEN)).status).toBe(422);
    expect((await join('192.0.2.1', WRONG_TOKEN)).status).toBe(429);
    expect((await join('192.0.2.2', WRONG_TOKEN)).status).toBe(422);
  });
});

it('silent upgrades of one address, one after the other without end, keep no agent of 16 other addresses out', async () => {
  const fleet: { readonly identity: Identity; readonly address: string }[] = [];
  for (let i = 0; i < 16; i++) fleet.push({ identity: await enrolled(`198.51.100.${i}`), address: `198.51.100.${i}` });
  let isOver = false;
  let refused = 0;
  const attackers = new Set<WebSocket>();
  const attack = (): void => {
    if (isOver) return;
    const headers = from('192.0.2.66');
    const socket = new WebSocket(system.publicUrl.replace('http', 'ws') + TUNNEL_PATH, SUBPROTOCOL, { headers });
    attackers.add(socket);
    socket.on('error', () => undefined).on('message', attack); // Its challenge: it holds this one, and goes on.
    socket.on('unexpected-response', (request) => {
      refused++;
      attackers.delete(socket);
      request.destroy();
      setTimeout(attack, 20); // 8 of these are 400 a second at most.
    });
  };
  for (let i = 0; i < 8; i++) attack();
  const agents: ScriptedAgent[] = [];
  try {
    await until(
      async () => refused,
      (count) => count >= 8,
      30_000,
      'the share of the attacker is used up',
    );
    for (const { identity, address } of fleet) {
      const agent = agentOf(identity, address);
      agents.push(agent);
      await agent.enter();
    }
    expect(refused).toBeGreaterThan(0);
  } finally {
    isOver = true;
    for (const socket of attackers) socket.terminate();
    for (const { socket } of agents) socket.terminate();
  }
}, 120_000);

it('an agent that names other gateways at each report writes a bounded number of facts', async () => {
  const agent = agentOf(await enrolled('198.51.100.99'), '198.51.100.99');
  await agent.enter();
  const { agentId } = agent.identity;
  const subjects = [`facts.edge.gateway.${agentId}`, `facts.edge.agent.${agentId}`];
  const facts = async (): Promise<number> => {
    const answers = await Promise.all(subjects.map((subject) => system.get(`events?subject=${subject}&limit=200`)));
    const types = answers.flatMap(({ body }) => (body.data as { type: string }[]).map(({ type }) => type));
    return types.filter((type) => type === 'edge.gateway.status-changed' || type === 'edge.agent.synced').length;
  };
  const acks = (): number => agent.frames.filter(({ type }) => type === 'ack').length;
  const startedMs = performance.now();
  let reports = 0;
  try {
    while (performance.now() - startedMs < 13_000) {
      const round = reports++;
      const names = Array.from({ length: LIMITS.gateways }, (_, i) => `gateway-${i}-${round}`);
      agent.report({ gateways: names.map((name) => ({ ...GATEWAY, name })) });
      await until(
        async () => acks(),
        (count) => count === reports,
        30_000,
        'the report is taken',
      );
    }
    const written = await facts();
    const minutes = (performance.now() - startedMs) / 60_000;
    expect(written).toBeGreaterThanOrEqual(33);
    expect(written).toBeLessThanOrEqual(40 + 65 + 12 * minutes); // At once; the round that goes beyond; by time.
  } finally {
    agent.socket.terminate();
  }
}, 120_000);
