// What the tunnels of edge agents cost, against a bare WebSocket server that parses every frame and answers it. Both are processes of
// their own; what is compared is how many heartbeats they answer, and how much memory an open tunnel takes.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beside } from './beside.mjs';
import { built } from './built.mjs';
import { figure, inTurn, median } from './figures.mjs';
import { enrol, openAll } from './tunnels.mjs';

const { DEFAULT_SIZES, EventStore } = await built('event-store');
const { setUp } = await built('process');
const { CONTEXTS } = await built('contexts');
const { PgLogMarks, poolOf } = await built('read-store');
const { edge } = await built('edge');

/** So many that the thousand frames a second an agent may send are no limit. */
const BUSY = 500;
const TUNNELS = 2_000;
const SLICES = 10;
const WARM_UP_SLICES = 2;
const SLICE_MS = 1_000;
const MAIN = join(import.meta.dirname, '../../dist/apps/edge/src/main.js');

export async function* bench(servers, names) {
  await setUp(servers.nats.admin, { databaseUrl: servers.databaseUrl, sizes: DEFAULT_SIZES }, CONTEXTS);
  const events = Object.values(edge.events).filter((exported) => typeof exported === 'function' && 'type' in exported);
  const pool = poolOf(servers.databaseUrl, { name: 'bench', max: 1 });
  const store = await EventStore.open({ ...servers.nats.app, name: 'bench edge' }, events, DEFAULT_SIZES, new PgLogMarks(pool));
  try {
    const agents = await enrol(store, TUNNELS);
    if (names.includes('edge.frames')) yield await frames(servers, agents);
    if (names.includes('edge.rss_per_tunnel_kb')) yield await memory(servers, agents);
  } finally {
    await store.close();
    await pool.end();
  }
}

async function frames(servers, agents) {
  return withBoth(servers, async (ours, bare) => {
    const sides = [await openAll(ours.said, agents.slice(0, BUSY), false), await openAll(bare.said, agents.slice(0, BUSY), true)];
    const slices = sides.map((tunnels) => () => answeredPerSecond(tunnels));
    await inTurn(WARM_UP_SLICES, ...slices);
    const rates = await inTurn(SLICES, ...slices);
    for (const { close } of sides.flat()) close();
    return figure('edge.frames', 'frames/s', median(rates.ours), median(rates.baseline));
  });
}

async function memory(servers, agents) {
  return withBoth(servers, async (ours, bare) => {
    const perTunnel = [];
    for (const [side, isBare] of [
      [ours, false],
      [bare, true],
    ]) {
      const before = rssKb(side.pid);
      const tunnels = await openAll(side.said, agents, isBare);
      await Promise.all(tunnels.map(({ beat }) => beat()));
      perTunnel.push((rssKb(side.pid) - before) / tunnels.length);
      for (const { close } of tunnels) close();
    }
    return figure('edge.rss_per_tunnel_kb', 'KiB', ...perTunnel);
  });
}

/** Each tunnel has one heartbeat on its way, for a second. */
async function answeredPerSecond(tunnels) {
  const from = performance.now();
  let done = 0;
  const keepBeating = async ({ beat }) => {
    for (; performance.now() - from < SLICE_MS; done++) await beat();
  };
  await Promise.all(tunnels.map(keepBeating));
  return (done * 1_000) / (performance.now() - from);
}

async function withBoth(servers, work) {
  const bare = await beside('baseline-tunnels.mjs');
  try {
    const ours = await startEdge(servers);
    try {
      return await work(ours, bare);
    } finally {
      await ours.end();
    }
  } finally {
    await bare.end();
  }
}

/** The process as it is run in production. */
async function startEdge({ nats, databaseUrl }) {
  const port = await freePort();
  const { servers, user, pass } = nats.app;
  const url = new URL([servers].flat()[0].replace(/^(?!nats:)/, 'nats://'));
  Object.assign(url, { username: user, password: pass });
  const env = { PATH: process.env.PATH, NATS_URL: url.href, DATABASE_URL: databaseUrl, PUBLIC_PORT: String(port) };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`edge ended with ${code}`)));
  gone.catch(() => undefined);
  await Promise.race([once(child.stdout, 'data'), gone]);
  const end = async () => {
    child.kill('SIGTERM');
    await gone.catch(() => undefined);
  };
  return { pid: child.pid, said: `http://127.0.0.1:${port}`, end };
}

async function freePort() {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const rssKb = (pid) => Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
