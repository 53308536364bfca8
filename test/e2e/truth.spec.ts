import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { Position } from '@app/kernel';
import { startServers } from '@app/runtime';
import { type System, dataDir, startSystem, until } from './system.js';

const data = dataDir();
let system: System;
/** The API is a component with an address: it must come back to the same. */
let env: Record<string, string> = {};
beforeAll(async () => {
  system = await startSystem({ dataDir: data.path });
  env = { API_PORT: new URL(system.origin).port, PUBLIC_PORT: new URL(system.publicUrl).port };
}, 120_000);
afterAll(async () => {
  await system.stop();
  await data.remove();
}, 60_000);

const peer = (n: number) => ({ remote_peer_id: `inst-${n}`, label: `Peer ${n}`, url: `https://peer-${n}.example` });

it('what the page shows stands in JetStream as CloudEvents', async () => {
  const added = await system.call('POST', 'peers', peer(1));
  expect(added.status).toBe(202);
  await until(
    () => system.get('services'),
    ({ body }) => body.data?.some((one: { status: string }) => one.status === 'green'),
    30_000,
    'a first verdict',
  );
  const nc = await system.nats();
  const jsm = await jetstreamManager(nc, { checkAPI: false });
  const headersOf = async (stream: string, subject: string): Promise<Record<string, string>> => {
    const message = await jsm.direct.getMessage(stream, { seq: 1, next_by_subj: subject }); // Its first: more may be said of it by now.
    return Object.fromEntries([...(message?.header ?? [])].map(([name, [value = '']]) => [name, value]));
  };
  const { instance_id } = (await system.get('session')).body;
  expect(await headersOf('FACTS', `facts.federation.peer.${added.body.peer_id}`)).toMatchObject({
    'ce-specversion': '1.0',
    'ce-type': 'federation.peer.registered',
    'ce-source': `/instances/${instance_id}`,
    'ce-subject': added.body.peer_id,
    'ce-actor': expect.stringMatching(/^token:/),
  });
  expect(await headersOf('TELEMETRY', 'telemetry.services.health.postgresql')).toMatchObject({
    'ce-specversion': '1.0',
    'ce-type': 'services.health.probed',
    'ce-subject': 'postgresql',
    'ce-actor': 'system:prober',
  });
  await nc.close();
});

it('read models are a function of the log: dropped and built again, they answer the same bytes', async () => {
  for (let n = 2; n <= 12; n++) expect((await system.call('POST', 'peers', peer(n))).status).toBe(202);
  const [first, second] = (await system.get('peers')).body.data;
  await system.call('POST', `peers/${first.peer_id}/suspend`, { note: 'maintenance', until: null });
  const removed = await system.call('DELETE', `peers/${second.peer_id}`);
  const rowsOf = async (path: string): Promise<Row[]> =>
    (
      await until(
        () => system.get(path),
        ({ status }) => status === 200,
        30_000,
        `${path} is built`,
      )
    ).body.data;
  const peers = async (): Promise<string> =>
    JSON.stringify((await rowsOf(`peers?limit=200&after=${removed.body.position}`)).map(registered));
  const components = () => rowsOf('services');
  await until(components, (all) => all.every(({ status }) => status !== 'unknown'), 30_000, 'a verdict of each component');
  const factsBefore = await factsOf(await components());
  const newest = new Position({ facts: Math.max(...factsBefore.values()) }).format(); // Rows may be behind the log.
  const before = { peers: await peers(), components: await rowsOf(`services?after=${newest}`) };
  await system.stop();

  const servers = await startServers({ dataDir: data.path, log: () => undefined });
  try {
    await dropReadModels(servers.databaseUrl);
  } finally {
    await servers.stop();
  }

  system = await startSystem({ dataDir: data.path, token: system.token, env });
  expect(await peers()).toBe(before.peers);
  const now = await components();
  const factsNow = await factsOf(now);
  // The prober goes on: a component that got a status meanwhile has another truth.
  const state = (all: Row[]): string =>
    JSON.stringify(all.filter(({ component_id }) => factsNow.get(component_id) === factsBefore.get(component_id)).map(evaluated));
  expect(state(now)).toBe(state(before.components));
  expect(JSON.parse(state(now))).not.toEqual([]);
}, 180_000);

type Row = Record<string, any>;

async function dropReadModels(databaseUrl: string): Promise<void> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const { rows } = await db.query<{ name: string }>("SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'rm\\_%' ORDER BY 1");
    expect(rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['rm_component_directory_v2', 'rm_peer_directory_v5', 'rm_token_directory_v3']),
    );
    for (const { name } of rows) await db.query(`DROP SCHEMA ${name} CASCADE`);
  } finally {
    await db.end();
  }
}

/** Where the log has the newest fact of each component. */
async function factsOf(components: Row[]): Promise<Map<string, number>> {
  const nc = await system.nats();
  const { direct } = await jetstreamManager(nc, { checkAPI: false });
  const newest = async (id: string) => (await direct.getMessage('FACTS', { last_by_subj: `facts.services.component.${id}` }))?.seq ?? 0;
  const found = await Promise.all(components.map(async ({ component_id }) => [component_id, await newest(component_id)] as const));
  await nc.close();
  return new Map(found);
}

/** What operators made of a peer. Its link is tried on, and what comes of that goes on; `demo.spec.ts` holds all rows against a log that stands. */
const registered = ({
  peer_id,
  remote_peer_id,
  label,
  url,
  lifecycle,
  secret_fingerprint,
  registered_at,
  registered_by,
  suspended_until,
}: Row) => ({
  ...{ peer_id, remote_peer_id, label, url, lifecycle, secret_fingerprint, registered_at, registered_by, suspended_until },
});

/** What facts say of a component. What was measured of it since, its last probe among the evidence, goes on and is kept elsewhere. */
const evaluated = ({ component_id, kind, name, target, critical, status, health, reason, sentence, since, evidence }: Row) => ({
  ...{ component_id, kind, name, target, critical, status, health, reason, sentence, since },
  evidence: evidence.slice(0, -1),
});
