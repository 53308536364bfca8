import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MuteProxy, muteProxy } from '@app/event-store/testing';
import { FakeGateway } from '../fake-openclaw/fake-gateway.js';
import { real } from '../fake-openclaw/frames.js';
import { type System, ap, dataDir, freePort, startSystem, until } from './system.js';

const ROOT = join(import.meta.dirname, '../..');
const data = dataDir();
const state = dataDir();
const gateway = new FakeGateway();
const GATEWAY_TOKEN = 'the-token-of-this-gateway';
/** Between agents and the system, so that what is said can get lost. */
let network: MuteProxy;
let system: System;
let server = '';
let agentId = '';
let running: Agent | undefined;

interface Agent {
  readonly process: ChildProcess;
  readonly printed: () => string;
  readonly exited: Promise<number | null>;
}

function agent(args: readonly string[], input = ''): Agent {
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'dist/apps/edge-agent/src/main.js'), ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: data.path },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  running = { process: child, printed: () => text, exited: once(child, 'exit').then(([code]) => code as number | null) };
  return running;
}
const runAgain = (): Agent => agent(['run', '--state', state.path]);

beforeAll(async () => {
  const port = await freePort();
  gateway.sockets.tokens = { [GATEWAY_TOKEN]: ['operator.read'] };
  gateway.sockets.answers['health'] = real['rpc.health.two-agents'];
  gateway.sockets.answers['sessions.usage'] = real['rpc.sessions.usage.two-agents'];
  await gateway.listen();
  network = await muteProxy(`http://127.0.0.1:${port}`);
  server = network.url.replace('nats:', 'http:');
  system = await startSystem({ dataDir: data.path, env: { PUBLIC_PORT: String(port), PUBLIC_URL: server } });
}, 120_000);
afterAll(async () => {
  running?.process.kill('SIGKILL');
  await system.stop();
  await network.close();
  await gateway.close();
  await Promise.all([data.remove(), state.remove(), rm(`${data.path}-gateway-token`, { force: true })]);
}, 60_000);

const shown = async () => (await system.get(`edge-agents/${agentId}`)).body.data;
const isStatus = (status: string, withinMs: number) => until(shown, (one) => one?.status === status, withinMs, `the agent is ${status}`);
const statusesSince = async (at: string): Promise<string[]> => {
  const { body } = await system.get(`events?type=edge.agent.status-changed&limit=50`);
  return body.data.filter((event: { at: string }) => event.at > at).map((event: { data: { to: string } }) => event.data.to);
};

it('joins by a token that is shown once, and is connected with what its gateway says', async () => {
  const enrolled = await system.call('POST', 'edge-agents/enroll', { label: 'berlin' });
  expect(enrolled.body).toMatchObject({ join_token: expect.stringMatching(/^cbj_/), command: expect.stringContaining(server) });
  await writeFile(`${data.path}-gateway-token`, GATEWAY_TOKEN, { mode: 0o600 });
  const beside = ['--gateway', gateway.url, '--gateway-token-file', `${data.path}-gateway-token`];
  const joining = agent(['join', '--server', server, ...beside, '--state', state.path], enrolled.body.join_token);
  const list = () => system.get('edge-agents');
  const { body } = await until(list, ({ body }) => body.data?.length === 1, 30_000, 'the agent is listed');
  agentId = body.data[0].agent_id;
  const connected = await isStatus('connected', 60_000);
  expect(connected).toMatchObject({ label: 'berlin', health: 'up', join_token_id: enrolled.body.join_token_id });
  const synced = await until(shown, (one) => one.gateways.length === 1, 60_000, 'the gateway is reported');
  expect(synced.gateways[0]).toMatchObject({
    ...{ state: 'ready', health: 'up', capability: 'read', tier_limit: null, tier_advice: null, version: expect.any(String) },
    sessions: 8,
    channels: [{ name: 'a2a', connected: true, lifecycle: 'ready', error: null, down_since: null }],
  });
  const { cost } = await until(shown, (one) => one.cost !== null, 60_000, 'what the day cost is told');
  const { totalCost, totalTokens } = (real['rpc.usage.cost.two-agents'] as { totals: Record<string, number> }).totals;
  expect(cost).toMatchObject({ usd: expect.closeTo(totalCost!, 6), tokens: totalTokens, missing_cost_entries: 0, fresh: true });
  expect(cost.by_model).toEqual([{ model: 'mock/m1', usd: expect.closeTo(totalCost!, 6), tokens: totalTokens }]);
  expect(cost.by_agent.map(({ agent, tokens }: { agent: string; tokens: number }) => [agent, tokens])).toEqual([
    ['main', 61_700],
    ['clerk', 24_680],
  ]);
  expect(synced.last_sync_at).not.toBeNull();
  expect(joining.printed()).not.toContain(enrolled.body.join_token);

  const again = agent(['join', '--server', server, '--gateway', gateway.url, '--state', `${state.path}-2`], enrolled.body.join_token);
  expect(await again.exited).not.toBe(0);
  expect(again.printed()).not.toMatch(/^ +at /m);
  running = joining;
  expect(statSync(state.path).mode & 0o777).toBe(0o700);
  const files = readdirSync(state.path).filter((file) => statSync(join(state.path, file)).isFile());
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect([file, statSync(join(state.path, file)).mode & 0o077]).toEqual([file, 0]);
}, 120_000);

it('is pinged through its tunnel, by REST and by the command line', async () => {
  expect((await system.call('POST', `edge-agents/${agentId}/ping`)).body).toMatchObject({ ok: true, rtt_ms: expect.any(Number) });
  const told = await ap({ HOME: data.path, AP_URL: system.origin, AP_TOKEN: system.token }, ['infra', 'edge', 'ping', 'berlin']);
  expect([told.code, told.stdout]).toEqual([0, expect.stringMatching(/ms/)]);
});

it('killed: red within 20 s, with what was last known; started again: connected', async () => {
  const before = await shown();
  running?.process.kill('SIGKILL');
  const red = await isStatus('disconnected', 20_000);
  expect(red).toMatchObject({ health: 'down', hostname: before.hostname, gateways: before.gateways, last_sync_at: before.last_sync_at });
  expect(red.reason).not.toBeNull();
  const { problems } = (await system.get('overview')).body.data;
  expect(problems).toContainEqual(expect.objectContaining({ kind: 'edge', id: agentId, status: 'disconnected' }));
  runAgain();
  await isStatus('connected', 60_000);
}, 120_000);

it('killed and back within the grace: never red', async () => {
  const at = new Date().toISOString();
  running?.process.kill('SIGKILL');
  await running?.exited;
  const { session } = await until(
    async () => ({ session: (await shown()).status as string }),
    ({ session }) => session === 'reconnecting',
    10_000,
    'it is missed',
  );
  expect(session).toBe('reconnecting');
  runAgain();
  await isStatus('connected', 30_000);
  expect(await statusesSince(at)).not.toContain('disconnected');
}, 60_000);

it('every packet dropped, and no word of it: red within 70 s; the network back: connected', async () => {
  network.isolate();
  await isStatus('disconnected', 70_000);
  network.unmute();
  await isStatus('connected', 90_000);
}, 200_000);

it('told to stop: it says goodbye, and is shown so within a second', async () => {
  const stopping = running;
  stopping?.process.kill('SIGTERM');
  expect(await stopping?.exited).toBe(0);
  const gone = await isStatus('disconnected', 1_000);
  expect(gone.reason).toBe('remote_goodbye');
  runAgain();
  await isStatus('connected', 60_000);
}, 120_000);

it('revoked: its tunnel is closed at once, and it is told what to do', async () => {
  const revoked = await system.call('POST', `edge-agents/${agentId}/revoke`, { note: 'the host is sold' });
  expect(revoked.status).toBe(202);
  await isStatus('revoked', 5_000);
  const told = running;
  await until(
    async () => told?.printed() ?? '',
    (text) => /revoked/i.test(text),
    10_000,
    'the agent says that it was revoked',
  );
}, 30_000);

it('what happened stands in the log, by its reasons', async () => {
  const reasons = async (): Promise<string[]> =>
    (await system.get('events?type=edge.tunnel.disconnected&limit=50')).body.data.map(
      (event: { data: { reason: string } }) => event.data.reason,
    );
  await until(reasons, (all) => ['goodbye', 'revoked'].every((reason) => all.includes(reason)), 20_000, 'both ends are on record');
  expect(readFileSync(join(data.path, 'run.json'), 'utf8')).not.toContain('cbj_');
});
