import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { serverAccount } from '../../libs/runtime/src/run-as.js';
import { type System, dataDir, startSystem } from './system.js';

const GOLDEN = join(import.meta.dirname, '../golden/data');
const expected = JSON.parse(readFileSync(join(GOLDEN, 'expected.json'), 'utf8')) as {
  instance_id: string;
  tokens: { kept: string; revoked: string };
  peers: { peer_id: string }[];
  routes: object[];
  agents: { agent_id: string; lifecycle: string }[];
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

let dir: ReturnType<typeof dataDir>;
let database: TestDatabase;
let system: System;
const start = async (token?: string): Promise<System> =>
  startSystem({
    dataDir: dir.path,
    env: { DATABASE_URL: database.url, FEDERATION_ALLOW_LOOPBACK_HTTP: 'true' },
    ...(token === undefined ? {} : { token }),
  });

beforeAll(async () => {
  dir = dataDir();
  database = await testDatabase();
  mkdirSync(dir.path, { recursive: true });
  execFileSync('tar', ['--no-same-owner', '-xzf', join(GOLDEN, 'store.tgz'), '-C', dir.path]);
  const account = serverAccount();
  if (account !== null) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, join(dir.path, 'servers')]);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(gunzipSync(readFileSync(join(GOLDEN, 'database.sql.gz'))).toString('utf8'));
  await client.end();
  system = await start();
}, 180_000);
afterAll(async () => {
  await system.stop();
  await database.drop();
  await dir.remove();
});

/** The fields that the earlier release answered, of what this one does. */
const as = (before: readonly object[], now: readonly Record<string, unknown>[], id: string): object[] =>
  before.map((old) => {
    const found = now.find((one) => one[id] === (old as Record<string, unknown>)[id]);
    return Object.fromEntries(Object.keys(old).map((field) => [field, found?.[field]]));
  });

describe('data of the release before events were parked', () => {
  it('is read as that release read it', async () => {
    const [peers, routes, agents, overview] = await Promise.all(
      ['peers', 'routes', 'edge-agents', 'overview'].map((path) => system.get(path)),
    );
    expect(overview?.body.data.instance_id).toBe(expected.instance_id);
    expect(as(expected.peers, peers?.body.data, 'peer_id')).toEqual(expected.peers);
    expect(as(expected.routes, routes?.body.data, 'rule_id')).toEqual(expected.routes);
    expect(as(expected.agents, agents?.body.data, 'agent_id')).toEqual(expected.agents);
  });

  it('lists its rules with what a later release refuses of them: those that open something named neither classes nor limits', async () => {
    const { body } = await system.get('routes');
    const rules = body.data as { action: string; classes: string[] | null; limits: null; credential: null; warnings: string[] }[];
    expect(rules.map(({ action, warnings }) => [action, warnings.length])).toEqual(
      expected.routes.map((rule) => (rule as { action: string }).action).map((action) => [action, action === 'deny' ? 0 : 2]),
    );
    for (const rule of rules) expect(rule).toMatchObject({ credential: null, limits: null });
    const { rule_id, peer_id } = expected.routes[0] as { rule_id: string; peer_id: string };
    const asked = { direction: 'out', peer_id, agent: 'any', method: 'CreateTaskPushNotificationConfig' };
    expect((await system.call('POST', 'routes/test', asked)).body).toMatchObject({ action: 'allow', rule_id });
  });

  it('goes on opening to its tokens, and stays closed to those that were revoked', async () => {
    expect((await system.call('GET', 'session', undefined, bearer(expected.tokens.kept))).status).toBe(200);
    expect((await system.call('GET', 'session', undefined, bearer(expected.tokens.revoked))).status).toBe(401);
  });

  it('knows each of its tokens as a caller of its own, bound by its role, and rotates it under the same caller', async () => {
    const { body: who } = await system.call('GET', 'session', undefined, bearer(expected.tokens.kept));
    const tokenId = (who.actor as string).replace('token:', '');
    const listed = async (id: string, after = '') =>
      (await system.get(`tokens?limit=200${after}`)).body.data.find(({ token_id }: { token_id: string }) => token_id === id);
    const any = { peer_id: null, agent: null, method_class: null };
    const before = await listed(tokenId);
    expect(before).toMatchObject({ caller_id: tokenId, bindings: who.role === 'viewer' ? [] : [any], next_token_id: null, ends_at: null });
    const rotated = await system.call('POST', `tokens/${tokenId}/rotate`, { overlap_minutes: 60 });
    expect(rotated.status).toBe(202);
    const { name, role, bindings } = before;
    const next = await listed(rotated.body.token_id, `&after=${rotated.body.position}`);
    expect(next).toMatchObject({ name, role, bindings, caller_id: tokenId });
    for (const token of [expected.tokens.kept, rotated.body.token])
      expect((await system.call('GET', 'session', undefined, bearer(token))).status).toBe(200);
  });

  it('parks nothing, and every read model runs', async () => {
    const { body } = await system.get('projections');
    const projections = body.data as { name: string; state: string; parked: number }[];
    expect(projections.filter(({ state, parked }) => state !== 'running' || parked > 0)).toEqual([]);
  });

  it('is continued, over a restart too', async () => {
    const peer = { url: 'http://127.0.0.1:9', label: 'After the upgrade', remote_peer_id: 'inst-after', outbound_secret: 's'.repeat(43) };
    const registered = await system.call('POST', 'peers', peer);
    expect(registered.body).toMatchObject({ peer_id: expect.any(String) as string });
    const [suspended] = expected.peers;
    expect(await system.call('PATCH', `peers/${suspended?.peer_id}`, { label: 'Renamed after' })).toMatchObject({ status: 202 });
    const { token } = system;
    await system.stop();
    system = await start(token);
    const labels = ((await system.get('peers')).body.data as { label: string }[]).map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['After the upgrade', 'Renamed after']));
  });

  it('folds to the same rows when a read model is built anew', async () => {
    const model = async (name: string, isThere: (model: { state: string; rebuilt: object | null }) => boolean) => {
      for (;;) {
        const { body } = await system.get('projections');
        const found = (body.data as { name: string; state: string; rebuilt: object | null }[]).find((one) => one.name === name);
        if (found?.state === 'running' && isThere(found)) return found;
      }
    };
    for (const name of ['token_directory', 'route_directory']) {
      await model(name, () => true);
      expect((await system.call('POST', `projections/${name}/rebuild`)).status).toBe(204);
      const { rebuilt } = await model(name, (one) => one.rebuilt !== null);
      expect(rebuilt).toMatchObject({ differences: 0, parked: 0 });
    }
  });
});
