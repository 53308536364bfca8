import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SdkAgent } from '../../libs/federation/testing/sdk-agent.js';
import { type System, ap, dataDir, newLoginLink, startSystem } from './system.js';

/** Routing rules to agents on this machine, in a system that was started without any setting. */
const data = dataDir();
let system: System;
let agent: SdkAgent;
const home = { HOME: data.path };
beforeAll(async () => {
  agent = await SdkAgent.open();
  agent.demands = 'Bearer cb-agent-e2e';
  system = await startSystem({ dataDir: data.path });
  await ap(home, ['auth', 'login'], await newLoginLink(data.path));
}, 180_000);
afterAll(async () => {
  await system.stop();
  await agent.close();
  await data.remove();
}, 60_000);

const add = (target: string, ...more: string[]) =>
  ap(home, ['infra', 'routes', 'add', '--direction', 'in', '--agent', 'clerk', '--action', 'route', '--target-url', target, ...more]);

it('lead to an agent on loopback, whether it runs yet or not', async () => {
  const { code, stdout, stderr } = await add('http://127.0.0.1:9/');
  expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/read,send\s+● route/), expect.stringContaining('agent not usable')]);
});

it('carry the credential that the agent demands, read from a file, and then its interfaces are listed', async () => {
  expect((await add(agent.url)).stderr).toContain('does not let this instance in');
  const file = join(data.path, 'clerk.bearer');
  writeFileSync(file, `${agent.demands}\n`, { mode: 0o600 });
  const { code, stdout, stderr } = await add(`${agent.url}.well-known/agent-card.json`, '--credential-file', file);
  expect([code, stderr]).toEqual([0, expect.stringContaining(`usable: JSONRPC ${agent.url}a2a`)]);
  expect(stdout + stderr + system.printed()).not.toContain('cb-agent-e2e');
});

it('lead neither to a listener nor to a server of this instance', async () => {
  const run = JSON.parse(readFileSync(join(data.path, 'run.json'), 'utf8')) as { databaseUrl: string; nats: { servers: string[] } };
  const [nats = ''] = run.nats.servers;
  const ports = [system.origin, system.publicUrl, run.databaseUrl, nats].map((url) => new URL(url).port);
  expect(ports.every((port) => Number(port) > 0)).toBe(true);
  for (const port of ports)
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const { code, stderr } = await add(`http://${host}:${port}/`);
      expect([host, port, code, stderr]).toEqual([host, port, 1, expect.stringContaining('federation.target-denied')]);
    }
});

it('do not open loopback for peers', async () => {
  const peer = { remote_peer_id: 'inst-x', label: 'X', url: 'http://127.0.0.1:9', outbound_secret: 's'.repeat(40) };
  expect(await system.call('POST', 'peers', peer)).toMatchObject({ status: 422, body: { code: 'federation.url-denied' } });
});
