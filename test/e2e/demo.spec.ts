import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { type ConnectionOptions, connect } from '@nats-io/transport-node';
import pg from 'pg';
import type { Page } from 'playwright-core';
import { startServers } from '@app/runtime';
import { type Instance, type Demo, startDemo } from '../demo/demo.mjs';
import { type Eye, describePage, openEye } from './page/browser.js';
import { ap, until } from './system.js';

const ROOT = join(import.meta.dirname, '../..');
let demo: Demo;
beforeAll(async () => {
  demo = await startDemo({ say: () => undefined, signal: AbortSignal.timeout(300_000) });
}, 300_000);
afterAll(() => demo.end(), 120_000);

const list = async (at: Instance, path: string) => (await at.call('GET', `${path}?limit=200`)).data as Record<string, any>[];
const told = (at: Instance) => ({ HOME: at.dataDir, AP_URL: at.origin, AP_TOKEN: at.token });

/** What the last fact said of a thing's status, by its id; what has none yet is left out. */
async function saidLast(at: Instance, type: string, id: string): Promise<Record<string, string>> {
  const { data } = await at.call('GET', `events?type=${type}&limit=200`);
  return Object.fromEntries((data as { data: Record<string, string> }[]).toReversed().map((event) => [event.data[id], event.data['to']]));
}
const statuses = (rows: Record<string, any>[], id: string) => Object.fromEntries(rows.map((row) => [row[id], row['status']]));

/** Everything that says how things are, asked at once; they may differ while a change is on its way. */
async function words(at: Instance) {
  const [peers, agents, components, overview, peerFacts, agentFacts, componentFacts, cli] = await Promise.all([
    list(at, 'peers'),
    list(at, 'edge-agents'),
    at.call('GET', 'services').then(({ data }) => data as Record<string, any>[]),
    at.call('GET', 'overview').then(({ data }) => data),
    saidLast(at, 'federation.peer.status-changed', 'peer_id'),
    saidLast(at, 'edge.agent.status-changed', 'agent_id'),
    saidLast(at, 'services.component.status-changed', 'component_id'),
    ap(told(at), ['infra', 'status', '--all', '-o', 'json']).then(({ stdout }) => JSON.parse(stdout).data),
  ]);
  const rows = { ...statuses(peers, 'peer_id'), ...statuses(agents, 'agent_id'), ...statuses(components, 'component_id') };
  const facts = { ...peerFacts, ...agentFacts, ...componentFacts };
  const counted = (all: Record<string, any>[], health: string) => all.filter((one) => one['health'] === health).length;
  const healthy = [peers, agents, components].map((all) => counted(all, 'up'));
  const { federation, edge, services } = overview.sections;
  return { rows, facts, healthy, sections: [federation.up, edge.up, services.up], sentence: overview.sentence, cli: cli.sentence };
}
const agree = ({ rows, facts, healthy, sections, sentence, cli }: Awaited<ReturnType<typeof words>>): boolean =>
  Object.entries(facts).every(([id, status]) => rows[id] === status) && String(healthy) === String(sections) && sentence === cli;

it('REST, command line and facts say the same, at both', async () => {
  for (const at of [demo.lisbon, demo.porto]) await until(() => words(at), agree, 20_000, `all of ${at.name} say the same`);
});

it('calls flow both ways, are on record at both under one id, and what no rule allows is denied', async () => {
  await until(
    async () => demo.traffic.counts,
    ({ answered, denied }) => answered >= 12 && denied >= 2,
    90_000,
    'calls were answered and denied',
  );
  expect(demo.traffic.counts.failed).toBe(0);
  const { lisbon, porto, peers } = demo;
  const there = async (at: Instance, peer: string) => (await at.call('GET', `peers/${peer}/calls?limit=200`)).data as Record<string, any>[];
  const [atLisbon, atPorto] = [await there(lisbon, peers.porto), await there(porto, peers.lisbon)];
  const known = new Map(atPorto.map((call) => [call['call_id'], call]));
  const both = atLisbon.filter(({ call_id, outcome }) => outcome === 'completed' && known.get(call_id)?.['outcome'] === 'completed');
  expect(both.length).toBeGreaterThan(8);
  for (const call of both) expect(known.get(call['call_id'])).toMatchObject({ agent: call['agent'], method: call['method'] });
  expect(new Set(both.map(({ direction }) => direction))).toEqual(new Set(['in', 'out']));
  expect([...atLisbon, ...atPorto].map(({ outcome }) => outcome)).toContain('denied');
}, 120_000);

it('the four events that are named stand in JetStream, of both instances', async () => {
  for (const { dataDir } of [demo.lisbon, demo.porto]) {
    const nc = await connect(JSON.parse(readFileSync(join(dataDir, 'reader.json'), 'utf8')) as ConnectionOptions);
    const jsm = await jetstreamManager(nc, { checkAPI: false });
    const typeOf = async (stream: string, last_by_subj: string) =>
      (await jsm.direct.getMessage(stream, { last_by_subj }))?.header?.get('ce-type');
    const found = [
      (await jsm.direct.getMessage('FACTS', { seq: 1, next_by_subj: 'facts.federation.peer.*' }))?.header?.get('ce-type'),
      await typeOf('TELEMETRY', 'telemetry.federation.heartbeat.*'),
      await typeOf('TELEMETRY', 'telemetry.services.health.*'),
    ];
    expect(found).toEqual(['federation.peer.registered', 'federation.heartbeat.received', 'services.health.probed']);
    if (dataDir === demo.lisbon.dataDir) {
      const first = await jsm.direct.getMessage('FACTS', { seq: 1, next_by_subj: 'facts.edge.tunnel.*' });
      expect(first?.header?.get('ce-type')).toBe('edge.tunnel.connected');
      expect(await typeOf('TELEMETRY', 'telemetry.edge.heartbeat.*')).toBe('edge.heartbeat.received');
    }
    await nc.close();
  }
});

describePage('the demo', () => {
  let eye: Eye;
  let page: Page;
  beforeAll(async () => {
    eye = await openEye({ baseURL: demo.lisbon.origin });
    page = await eye.newPage();
    await page.goto(await demo.lisbon.loginLink());
    await page.waitForURL('**/infrastructure**');
  }, 60_000);
  afterAll(() => eye.close());

  const row = (id: string, status: string) => page.locator(`[data-row="${id}"][data-status="${status}"]`).first();

  it('has its three sections, each with what it says', async () => {
    await page.goto('/infrastructure?section=federation&show=all');
    await row(demo.peers.porto, 'connected').waitFor();
    await page.goto('/infrastructure?section=services&show=all');
    await row('nats', 'green').or(row('nats', 'amber')).first().waitFor();
    await page.goto('/infrastructure?section=edge&show=all');
    await row(demo.fleet.agents['berlin'] ?? '', 'connected').waitFor();
  }, 60_000);

  it('shows the agent that dies red with what was last known, and green again, without being asked', async () => {
    const id = demo.fleet.agents[demo.fleet.dying] ?? '';
    await row(id, 'disconnected').waitFor({ timeout: 120_000 });
    await page.locator('[data-verdict=down]').first().waitFor({ state: 'attached' });
    const headline = async () => ({
      sentence: String((await demo.lisbon.call('GET', 'overview')).data.sentence),
      shown: await page.locator('[data-verdict]').first().innerText(),
    });
    await until(headline, ({ sentence, shown }) => shown.includes(sentence), 20_000, 'the page says what the API says');
    await until(() => words(demo.lisbon), agree, 20_000, 'all say the same while an agent is red');
    await row(id, 'connected').waitFor({ timeout: 120_000 });
  }, 300_000);

  it('shows the log of calls of a peer', async () => {
    await page.goto(`/infrastructure?section=federation&id=${demo.peers.porto}&tab=calls`);
    await page.getByText('SendStreamingMessage').first().waitFor();
    expect(eye.complaints).toEqual([]);
  }, 30_000);
});

describe('the read models', () => {
  const TABLES = [
    'peer_directory',
    'route_directory',
    'agent_directory',
    'agent_tunnels',
    'component_directory',
    'call_log',
    'peer_calls',
    'token_directory',
  ];
  let projector: ChildProcess | undefined;
  afterAll(() => projector?.kill('SIGKILL'));

  it('are a function of the log: peers, rules, agents, tunnels, components, calls and counts come back equal', async () => {
    const { lisbon } = demo;
    await demo.traffic.end();
    await demo.fleet.end();
    await demo.porto.end();
    await lisbon.end();
    // The servers alone, on the same data: nothing is written to the log any more.
    const servers = await startServers({ dataDir: lisbon.dataDir, log: () => undefined });
    const db = new pg.Pool({ connectionString: servers.databaseUrl });
    try {
      const checkpoints = async (): Promise<string> => {
        const of = async (table: string) =>
          (await db.query(`SELECT position FROM read.${table}_checkpoint`).catch(() => ({ rows: [] }))).rows[0]?.position ?? null;
        return JSON.stringify(await Promise.all(TABLES.map(of)));
      };
      const all = async (): Promise<Record<string, unknown[]>> => {
        const rowsOf = async (table: string) => (await db.query(`SELECT * FROM read.${table} AS t ORDER BY t::text`)).rows;
        return Object.fromEntries(await Promise.all(TABLES.map(async (table) => [table, await rowsOf(table)])));
      };
      const run = async (): Promise<void> => {
        projector = project(servers.nats.app, servers.databaseUrl);
        const ends = await endsOf(servers.nats.app);
        await until(checkpoints, (now) => now === ends, 60_000, `every read model is at the end of the log: ${ends}`);
        const ended = once(projector, 'exit');
        projector.kill('SIGTERM');
        await ended;
      };
      await run();
      const before = await all();
      for (const table of TABLES) expect([table, before[table]?.length]).not.toEqual([table, 0]);
      const { rows } = await db.query<{ name: string }>("SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'rm\\_%'");
      for (const { name } of rows) await db.query(`DROP SCHEMA ${name} CASCADE`);
      await run();
      expect(await all()).toEqual(before);
    } finally {
      await db.end();
      await servers.stop();
    }
  }, 180_000);

  /** Where each read model is when it has read everything. */
  async function endsOf(access: ConnectionOptions): Promise<string> {
    const nc = await connect(access);
    const jsm = await jetstreamManager(nc, { checkAPI: false });
    const [facts, calls] = [(await jsm.streams.info('FACTS')).state.last_seq, (await jsm.streams.info('CALLS')).state.last_seq];
    await nc.close();
    return JSON.stringify(TABLES.map((table) => String(['call_log', 'peer_calls'].includes(table) ? calls : facts)));
  }

  function project(access: ConnectionOptions, databaseUrl: string): ChildProcess {
    const url = new URL(`nats://${[access.servers].flat()[0]?.replace(/^nats:\/\//, '') ?? ''}`);
    Object.assign(url, { username: access.user, password: access.pass });
    const env = { PATH: process.env['PATH'] ?? '', NATS_URL: url.href, DATABASE_URL: databaseUrl };
    return spawn(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'dist/apps/projector/src/main.js')], {
      cwd: ROOT,
      env,
      stdio: 'ignore',
    });
  }
});
