import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
    const message = await jsm.direct.getMessage(stream, { last_by_subj: subject });
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
  const answers = async (after: string): Promise<string> => {
    const peers = await system.get(`peers?limit=200&after=${after}`);
    const components = await system.get('services');
    expect([peers.status, components.status, components.body.code]).toEqual([200, 200, undefined]);
    return JSON.stringify([peers.body.data.map(registered), components.body.data.map(judged)]);
  };
  const before = await answers(removed.body.position);
  const { databaseUrl } = JSON.parse(readFileSync(join(data.path, 'run.json'), 'utf8')) as { databaseUrl: string };
  await system.stop();

  // While nobody else runs: PostgreSQL alone, as the next start would have it.
  system = await startSystem({ dataDir: data.path, token: system.token, env });
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  const { rows } = await db.query<{ name: string }>("SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'rm\\_%' ORDER BY 1");
  expect(rows.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['rm_component_directory_v1', 'rm_peer_directory_v2', 'rm_token_directory_v1']),
  );
  for (const { name } of rows) await db.query(`DROP SCHEMA ${name} CASCADE`);
  await db.end();
  await system.stop();
  system = await startSystem({ dataDir: data.path, token: system.token, env });
  expect(await answers(removed.body.position)).toBe(before);
}, 180_000);

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
}: Record<string, any>) => ({
  ...{ peer_id, remote_peer_id, label, url, lifecycle, secret_fingerprint, registered_at, registered_by, suspended_until },
});

/** What facts say of a component. What was measured of it since, its last probe among the evidence, goes on and is kept elsewhere. */
const judged = ({
  component_id,
  kind,
  name,
  target,
  critical,
  status,
  health,
  reason,
  sentence,
  since,
  evidence,
}: Record<string, any>) => ({
  ...{ component_id, kind, name, target, critical, status, health, reason, sentence, since },
  evidence: evidence.slice(0, -1),
});
