import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import {
  type TestCluster,
  type TestDatabase,
  type TestDir,
  type TestValkey,
  startTestCluster,
  startTestValkey,
  testDatabase,
  testDir,
} from '@app/runtime/testing';
import { until } from '../e2e/system.js';
import { processesOf, readCompose, readEnv, textOf } from './compose.js';
import { type Addresses, Container, makeSecrets, mountSecrets, natsArgs, onLoopback } from './containers.js';
import { layOutImage } from './image-tree.js';

/**
 * docker/compose.cluster.yaml without an engine: the files that the image would hold, run by the image's entry point, as the image's user of
 * NATS, with the environment that compose would give, on three nats-servers with the configuration that compose would mount. Only addresses
 * are others: everything is on loopback.
 */
const compose = readCompose('compose.cluster.yaml', readEnv('.env.example'));
const START_MS = 60_000;
/** How long three servers may take to agree on another leader, and a command to be answered by it. */
const FAILOVER_MS = 30_000;

let dir: TestDir;
let database: TestDatabase;
let valkey: TestValkey;
let cluster: TestCluster;
let admin: NatsConnection;
let origin: string;
let image: string;
const containers = new Map<string, Container>();
const envs = new Map<string, Record<string, string>>();
const more: Container[] = [];
const all = (): Container[] => [...containers.values()].filter(({ name }) => name !== 'setup');

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

beforeAll(async () => {
  dir = testDir();
  [database, valkey] = await Promise.all([testDatabase(), startTestValkey()]);
  const secrets = await makeSecrets(join(dir.path, 'docker'), ['cluster'], { DATABASE_URL: database.url, VALKEY_URL: valkey.url });
  const servers = Object.values(compose.services).filter(({ environment }) => environment?.['APP'] === undefined);
  let next = 0;
  cluster = await startTestCluster({ args: (member) => natsArgs(compose, servers[next++]!, secrets, member) });
  image = join(dir.path, 'image');
  layOutImage(image);
  const api = await freePort();
  origin = `http://127.0.0.1:${api}`;
  const addresses: Addresses = [
    ...cluster.nodes.map(({ port }, i) => [`nats-${i + 1}:4222`, `127.0.0.1:${port}`] as const),
    ['nats:8222', new URL(cluster.nodes[0]!.monitorUrl).host],
    ['api:4600', `127.0.0.1:${api}`],
    ['127.0.0.1:4600', `127.0.0.1:${api}`],
  ];
  const mounted = mountSecrets(secrets, join(dir.path, 'run/secrets'), addresses);
  for (const [name, { environment = {} }] of processesOf(compose)) {
    const ports: Record<string, string> = {
      ...('API_HOST' in environment && { API_HOST: '127.0.0.1', API_PORT: String(api) }),
      ...('PUBLIC_HOST' in environment && { PUBLIC_HOST: '127.0.0.1', PUBLIC_PORT: String(await freePort()) }),
    };
    const given = Object.entries(environment).map(([key, value]): [string, string] => [
      key,
      ports[key] ?? onLoopback(String(value), addresses).replace('/run/secrets', mounted),
    ]);
    envs.set(name, Object.fromEntries(given));
    containers.set(name, new Container(name, image, { tmp: join(dir.path, 'tmp', name), env: Object.fromEntries(given) }));
  }
  const [user, pass] = /\/\/(\w+):(\w+)@/.exec(readFileSync(join(mounted, 'nats-admin-url'), 'utf8'))!.slice(1) as [string, string];
  admin = await connect({ ...cluster.access, user, pass });
}, 120_000);

afterAll(async () => {
  for (const each of [...all(), ...more]) each.signal('SIGKILL');
  await admin?.close();
  await Promise.all([cluster?.stop(), valkey?.stop(), database?.drop()]);
  await dir?.remove();
}, 60_000);

/** One that is not composed. */
function container(APP: string, env: Record<string, string>): Container {
  const made = new Container(APP, image, { tmp: join(dir.path, 'tmp', APP), env: { ...env, APP } });
  more.push(made);
  return made;
}

async function getWell(some: readonly Container[]): Promise<void> {
  const gone = Promise.race(some.map(async (each) => `${each.name} ended, ${String(await each.ended())}: ${each.printed}`));
  const ill = async (): Promise<string[]> => {
    const found = await Promise.all(some.map(async (each) => [each.name, await each.illness()] as const));
    return found.flatMap(([name, why]) => (why === '' ? [] : [`${name}: ${why}`]));
  };
  const well = until(ill, (sick) => sick.length === 0, START_MS, 'every process is well').then(() => 'all are well');
  expect(await Promise.race([well, gone])).toBe('all are well');
}

/** A person's session, by the command that docker/README.md tells. */
async function logIn(): Promise<Record<string, string>> {
  const [, service = '', command = ''] = /^ +docker compose exec (\w+) node (.*login\.js)$/m.exec(textOf('README.md')) ?? [];
  const link = new URL(await containers.get(service)!.exec(command.split(' ')));
  expect(link.origin).toBe(origin);
  const session = await fetch(`${origin}/api/v1/infrastructure/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: link.hash.slice('#code='.length) }),
  });
  const { csrf_token } = (await session.json()) as { csrf_token: string };
  return { cookie: session.headers.get('set-cookie')?.split(';')[0] ?? '', 'x-csrf-token': csrf_token, 'content-type': 'application/json' };
}

let headers: Record<string, string>;

/** Asks again, as the same command, while the answer is that nobody could be asked. */
async function register(label: string, remote_peer_id: string): Promise<{ status: number; peer_id: string; position: string }> {
  const body = JSON.stringify({ label, remote_peer_id, url: `https://${label.toLowerCase()}.example` });
  const post = async () => {
    const answer = await fetch(`${origin}/api/v1/infrastructure/peers`, {
      method: 'POST',
      headers: { ...headers, 'idempotency-key': label },
      body,
    });
    return { status: answer.status, ...((await answer.json()) as { peer_id: string; position: string }) };
  };
  return until(post, ({ status }) => status !== 503, FAILOVER_MS, `${label} is registered`);
}

async function labelOf(peer_id: string, position: string): Promise<unknown> {
  const read = async () => {
    const answer = await fetch(`${origin}/api/v1/infrastructure/peers/${peer_id}?after=${position}`, { headers });
    return { status: answer.status, body: (await answer.json()) as { data?: { label: string } } };
  };
  return (await until(read, ({ status }) => status !== 503, FAILOVER_MS, 'the read model is there')).body.data?.label;
}

it('the servers form a cluster that puts every write on the disk and lets nobody in without a password', async () => {
  for (const { monitorUrl, port } of cluster.nodes) {
    const varz = (await (await fetch(`${monitorUrl}/varz`)).json()) as {
      jetstream: { config: { sync_interval?: number; sync_always?: boolean } };
    };
    expect(varz.jetstream.config.sync_always).toBe(true);
    await expect(connect({ port })).rejects.toThrow(/Authorization/i);
  }
});

it(
  'before it starts, every process is ill, and the set-up runs to its end',
  async () => {
    for (const container of all())
      expect([container.name, await container.illness()]).toEqual([container.name, expect.stringMatching(/./)]);
    const setup = containers.get('setup')!;
    expect(await setup.illness()).toBe('');
    setup.start();
    expect([await setup.ended(), setup.printed]).toEqual([[0, null], expect.stringMatching(/^Set up\. This instance is inst-/)]);
    const jsm = await jetstreamManager(admin);
    expect((await jsm.streams.info('FACTS')).config.num_replicas).toBe(3);
  },
  START_MS,
);

it(
  'every process gets well',
  async () => {
    for (const container of all()) container.start();
    await getWell(all());
  },
  START_MS + 10_000,
);

it(
  'a person logs in by the link, and what they command is read back',
  async () => {
    headers = await logIn();
    const { status, peer_id, position } = await register('Lisbon', 'inst-01kb3v9m2e7xqh5rgd0t8ynw4c');
    expect(status).toBe(202);
    expect(await labelOf(peer_id, position)).toBe('Lisbon');
  },
  START_MS,
);

it(
  'the API answers commands when the server that leads the facts is killed',
  async () => {
    const jsm = await jetstreamManager(admin, { checkAPI: false });
    const { leader } = (await jsm.streams.info('FACTS')).cluster!;
    await cluster.nodes[Number(/^nats-(\d)$/.exec(leader ?? '')?.[1]) - 1]!.kill();
    const { status, peer_id, position } = await register('Berlin', 'inst-01kb3vd41zt6fspw9a8mj2yc0k');
    expect(status).toBe(202);
    expect(await labelOf(peer_id, position)).toBe('Berlin');
  },
  3 * FAILOVER_MS,
);

it('every process ends in order on SIGTERM, with a server missing', async () => {
  for (const container of all()) container.signal('SIGTERM');
  const ends = await Promise.all(all().map(async (each) => [each.name, await each.ended(), each.printed] as const));
  for (const [name, end, printed] of ends) expect([name, end, printed]).toEqual([name, [0, null], printed]);
  for (const container of all()) expect([container.name, await container.illness()]).toEqual([container.name, expect.stringMatching(/./)]);
}, 60_000);

it(
  'standalone is all of them in one process, on the same servers',
  async () => {
    for (const node of cluster.nodes) if (node.pid() === 0) await node.restart();
    const DATA_DIR = join(dir.path, 'data');
    const env = { ...envs.get('prober'), ...envs.get('federation'), ...envs.get('api'), ...envs.get('setup'), DATA_DIR };
    const standalone = container('standalone', env);
    standalone.start();
    await getWell([standalone]);
    const peers = await fetch(`${origin}/api/v1/infrastructure/peers`, { headers });
    expect(new Set(((await peers.json()) as { data: { label: string }[] }).data.map(({ label }) => label))).toEqual(
      new Set(['Berlin', 'Lisbon']),
    );
    standalone.signal('SIGTERM');
    expect([await standalone.ended(), standalone.printed]).toEqual([[0, null], standalone.printed]);
  },
  2 * START_MS,
);

it('edge-agent takes its commands behind the name of the image', async () => {
  const agent = container('edge-agent', {});
  agent.start('status', '--state', join(dir.path, 'agent'));
  expect([await agent.ended(), agent.printed]).toEqual([[expect.any(Number), null], expect.stringContaining('edge-agent: ')]);
  expect(await agent.illness()).toMatch(/does not work/);
});
