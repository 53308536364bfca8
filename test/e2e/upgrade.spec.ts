import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import pg from 'pg';
import { SecretBox } from '@app/config';
import { startServers } from '@app/runtime';
import { type TestDatabase, testDatabase } from '@app/runtime/testing';
import { ScriptedAgent, newIdentity } from '../../libs/edge/testing/index.js';
import { type ProxyInstance, TOKEN, openProxyInstance } from '../../libs/federation/testing/proxy-instance.js';
import { SdkAgent, TELL } from '../../libs/federation/testing/sdk-agent.js';
import { sdkClients, tell } from '../../libs/federation/testing/sdk-client.js';
import { serverAccount } from '../../libs/runtime/src/run-as.js';
import { type System, dataDir, startSystem, until } from './system.js';

const GOLDEN = join(import.meta.dirname, '../golden/data');
const expected = JSON.parse(readFileSync(join(GOLDEN, 'expected.json'), 'utf8')) as {
  instance_id: string;
  tokens: { kept: string; revoked: string };
  peers: { peer_id: string; remote_peer_id: string }[];
  routes: object[];
  agents: { agent_id: string; lifecycle: string }[];
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

let dir: ReturnType<typeof dataDir>;
let database: TestDatabase;
let system: System;
/** The keys of the agents of the earlier release are gone with their hosts: this one enrolled as they did, and its key is here. */
const agent = newIdentity('agent-0000000000000001');
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
  await enrolledBefore();
  system = await start();
}, 180_000);
afterAll(async () => {
  await system.stop();
  await database.drop();
  await dir.remove();
});

/** Appends to the old log what the earlier release wrote of an agent that joined, but for its id and its key. */
async function enrolledBefore(): Promise<void> {
  const servers = await startServers({ dataDir: dir.path, external: { databaseUrl: database.url }, log: () => undefined });
  const nc = await connect(servers.nats.app);
  const [like] = expected.agents.filter(({ lifecycle }) => lifecycle === 'active');
  const subject = `facts.edge.agent.${like?.agent_id}`;
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const old = await jsm.direct.getMessage('FACTS', { seq: 1, next_by_subj: subject });
  expect(old?.header.get('ce-type')).toBe('edge.agent.enrolled');
  const here = headers();
  for (const [name, [value = '']] of old!.header) if (name.startsWith('ce-')) here.set(name, value.replace(like!.agent_id, agent.agentId));
  here.set('ce-id', '0b0e7d1c-9a3c-4a8b-9a57-0c3c1c0c7e11');
  const data = { ...old!.json<object>(), agent_id: agent.agentId, public_key: agent.publicKey };
  await jetstream(nc).publish(`facts.edge.agent.${agent.agentId}`, JSON.stringify(data), { headers: here });
  await nc.close();
  await servers.stop();
}

/** The secret of a peer as the earlier release sealed it, opened as that release did. */
async function secretOf(peerId: string): Promise<string> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ secret_id: string; sealed: string }>(
    'SELECT secret_id, sealed FROM private.peer_secret WHERE peer_id = $1',
    [peerId],
  );
  await client.end();
  const key = Buffer.from(readFileSync(join(dir.path, 'secrets/secrets-key'), 'utf8'), 'hex');
  return new SecretBox(key).open(rows[0]?.sealed ?? '', rows[0]?.secret_id ?? '');
}

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
    const rules = body.data as {
      action: string;
      classes: string[] | null;
      limits: null;
      credential: null;
      warnings: string[];
      rule_id: string;
    }[];
    expect(rules.map(({ action, warnings }) => [action, warnings.length])).toEqual(
      expected.routes.map((rule) => (rule as { action: string }).action).map((action) => [action, action === 'deny' ? 0 : 2]),
    );
    for (const rule of rules) expect(rule).toMatchObject({ credential: null, limits: null });
    for (const { warnings, rule_id } of rules.filter(({ action }) => action !== 'deny'))
      expect(warnings).toEqual([
        expect.stringMatching(`names no classes, so it lets admin methods through .* routes edit ${rule_id} --classes read,send$`),
        expect.stringMatching(
          `has no limits\\. A later release enforces 600 calls a minute, .* routes edit ${rule_id} --calls-per-minute 600$`,
        ),
      ]);
    const { rule_id, peer_id } = expected.routes[0] as { rule_id: string; peer_id: string };
    const asked = { direction: 'out', peer_id, agent: 'any', method: 'CreateTaskPushNotificationConfig' };
    expect((await system.call('POST', 'routes/test', asked)).body).toMatchObject({ action: 'allow', rule_id });
  });

  it('has no key of any peer pinned, and makes a key of its own', async () => {
    const peers = (await system.get('peers')).body.data as { key_fingerprint: string | null; key_pinned_at: string | null }[];
    expect(peers.filter(({ key_fingerprint, key_pinned_at }) => key_fingerprint !== null || key_pinned_at !== null)).toEqual([]);
    const made = async (): Promise<object[]> => (await system.get('events?type=federation.instance-key.made')).body.data as object[];
    await until(made, ({ length }) => length === 1, 30_000, 'a key is made');
  });

  it('goes on opening to its tokens, and stays closed to those that were revoked', async () => {
    for (const path of ['session', 'peers'])
      expect((await system.call('GET', path, undefined, bearer(expected.tokens.kept))).status).toBe(200);
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

  it('lets an agent in by the key that it joined with', async () => {
    const connection = new ScriptedAgent(system.publicUrl, agent);
    await connection.enter();
    connection.report();
    const read = async () => (await system.get(`edge-agents/${agent.agentId}`)).body.data as { lifecycle: string; status: string };
    const shown = await until(read, ({ status }) => status === 'connected', 60_000, 'the agent is connected'); // Stable for 10 s.
    expect(shown.lifecycle).toBe('active');
    connection.vanish();
  }, 90_000);

  describe('lets a peer call', () => {
    let porto: ProxyInstance;
    let clerk: SdkAgent;
    const [known] = expected.peers;
    const rule = expected.routes.find((one) => (one as { action: string }).action === 'route') as { rule_id: string; agent: string };
    const proxyUrl = (): string => `${porto.url}/a2a/peers/peer-${expected.instance_id}/agents/${rule.agent}/`;
    beforeAll(async () => {
      clerk = await SdkAgent.open();
      porto = await openProxyInstance(known!.remote_peer_id);
      porto.befriend({ id: expected.instance_id, url: system.publicUrl }, await secretOf(known!.peer_id));
      porto.rule({ direction: 'out', agent: rule.agent, action: 'allow' });
    });
    afterAll(() => Promise.all([porto.close(), clerk.close()]));

    it('by the secret that both were told, over a rule of before', async () => {
      // Its agent listened on a port that is somebody else's by now. What is not edited stays as it was.
      const edited = await system.call('PATCH', `routes/${rule.rule_id}`, { target_url: clerk.url });
      expect(edited).toMatchObject({ status: 202, body: { agent: { ok: true } } });
      const card = () => fetch(`${proxyUrl()}.well-known/agent-card.json`, { headers: { authorization: TOKEN } });
      await until(card, ({ ok }) => ok, 20_000, 'the process that calls has heard of the target');
      expect(await (await sdkClients(TOKEN).current(proxyUrl())).sendMessage(tell(TELL.echo))).toMatchObject({ messageId: 'answer' });
      const kept = await until(
        async () => (await system.get(`peers/${known!.peer_id}/calls?limit=1`)).body.data as object[],
        ([last]) => {
          const { method, outcome } = (last ?? {}) as { method?: string; outcome?: string };
          return method === 'SendMessage' && outcome !== 'open';
        },
        20_000,
        'the end of the call is on record',
      );
      expect(kept).toMatchObject([{ direction: 'in', agent: rule.agent, outcome: 'completed', rule_id: rule.rule_id }]);
      const { body } = await system.get(`routes?after=${edited.body.position}`);
      const after = (body.data as { rule_id: string }[]).find(({ rule_id }) => rule_id === rule.rule_id);
      expect(after).toMatchObject({ classes: null, limits: null, warnings: [expect.any(String), expect.any(String)] });
    }, 60_000);
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
