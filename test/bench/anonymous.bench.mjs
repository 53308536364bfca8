// What strangers cost who send the worst that they may, 50 times a second, and what they cost an operator at the same address who is signed
// in already. Beside it the same is sent to Fastify itself. HOSTILE_REQUESTS: how many are measured, instead of 10,000.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beside } from './beside.mjs';
import { built } from './built.mjs';
import { figure } from './figures.mjs';
import { assault } from './hostile.mjs';

const { newLoginCode } = await built('access');
const { DEFAULT_SIZES } = await built('event-store');
const { openPlumbing, setUp } = await built('process');
const { CONTEXTS } = await built('contexts');

const MEASURED = Number(process.env.HOSTILE_REQUESTS ?? 10_000);
/** The compiler has seen the code by then, and the budget of the address is spent. */
const WARM_UP = Math.min(2_000, MEASURED);
const PER_SECOND = 50;
const OPERATOR_MS = 200;
/** Of the clock in /proc. */
const TICKS_PER_SECOND = 100;
const MAIN = join(import.meta.dirname, '../../dist/apps/api/src/main.js');

export async function* bench(servers) {
  const at = { nats: servers.nats.app, databaseUrl: servers.databaseUrl, sizes: DEFAULT_SIZES, logLevel: 'error' };
  await setUp(servers.nats.admin, at, CONTEXTS);
  const bare = await beside('baseline-anonymous.mjs');
  const api = await startApi(servers);
  const operator = await signIn(at, api.origin);
  try {
    const both = (count) => Promise.all([api.origin, bare.said].map((origin) => assault(origin, count, PER_SECOND)));
    await both(WARM_UP);
    const sides = [api.pid, bare.pid].map(watch);
    const working = work(operator);
    const [statuses] = await both(MEASURED);
    const [ours, baseline] = sides.map((look) => look());
    const { asked, refused } = await working.stop();
    console.error(`The strangers got ${[...statuses].map(([status, all]) => `${all.length} x ${status}`).join(', ')}.`);
    yield figure('anonymous.operator_refused', 'requests', refused, asked);
    yield figure('anonymous.cpu_cores', 'cores', ours.cores, baseline.cores);
    yield figure('anonymous.rss_added_mb', 'MB', ours.addedMb, baseline.addedMb);
  } finally {
    await api.end();
    await bare.end();
  }
}

/** Cores that a process has used since, and memory that it holds more than then. */
function watch(pid) {
  const cpuS = () => {
    const [, fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return (user + system) / TICKS_PER_SECOND;
  };
  const rssMb = () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024;
  const begun = { atMs: performance.now(), cpuS: cpuS(), rssMb: rssMb() };
  return () => ({ cores: ((cpuS() - begun.cpuS) * 1_000) / (performance.now() - begun.atMs), addedMb: rssMb() - begun.rssMb });
}

/** The operator looks and acts, five times a second, until it is told to stop. */
function work(ask) {
  let isOver = false;
  const counted = { asked: 0, refused: 0 };
  const requests = [
    ['GET', 'session'],
    ['GET', 'events?limit=20'],
    ['POST', 'edge-agents/enroll', {}],
  ];
  const done = (async () => {
    while (!isOver) {
      const status = await ask(...requests[counted.asked++ % requests.length]);
      if (status >= 300) counted.refused++;
      await delay(OPERATOR_MS);
    }
    return counted;
  })();
  const stop = () => {
    isOver = true;
    return done;
  };
  return { stop };
}

/** By a login code, as a person does; the answer asks as that person and tells the status. */
async function signIn(at, origin) {
  const plumbing = await openPlumbing('bench', at, CONTEXTS);
  const code = await newLoginCode(plumbing.privateStore, { role: 'admin', now: new Date() });
  await plumbing.close();
  const ask = async (headers, method, path, body) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(`${origin}/api/v1/infrastructure/${path}`, { method, headers: { ...type, ...headers }, ...sent });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const { headers, body } = await ask({}, 'POST', 'session', { code });
  const session = { cookie: headers.getSetCookie()[0].split(';')[0], 'x-csrf-token': body.csrf_token };
  return async (...request) => (await ask(session, ...request)).status;
}

/** The process as it is run in production, on a port that it chooses. */
async function startApi({ nats, databaseUrl }) {
  const { servers, user, pass } = nats.app;
  const url = new URL([servers].flat()[0].replace(/^(?!nats:)/, 'nats://'));
  Object.assign(url, { username: user, password: pass });
  const SECRETS_KEY = randomBytes(32).toString('base64');
  const env = { PATH: process.env.PATH, NATS_URL: url.href, DATABASE_URL: databaseUrl, SECRETS_KEY, API_PORT: '0' };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the API ended with ${code}`)));
  gone.catch(() => undefined);
  const [line] = await Promise.race([once(child.stdout.setEncoding('utf8'), 'data'), gone]);
  const end = async () => {
    child.kill('SIGTERM');
    await gone.catch(() => undefined);
  };
  return { pid: child.pid, origin: /http:\/\/\S+:\d+/.exec(line)[0], end };
}
