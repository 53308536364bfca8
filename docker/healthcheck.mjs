// Asked by Docker now and then: exit code 0 when this container's process works, else 1 and a sentence that `docker inspect` shows.
// Of those that listen `/healthz` is asked and not `/readyz`: nobody should restart a process because NATS or PostgreSQL is away.
import { statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { APPS, LIVENESS_FILE, LIVENESS_MS } from './apps.mjs';

const TIMEOUT_MS = 3_000;
const OLDEST_LIVENESS_MS = 3 * LIVENESS_MS;
const { env } = process;

try {
  const app = Object.hasOwn(APPS, env.APP ?? '') ? APPS[env.APP] : fail(`APP names no process: ${env.APP}`);
  if (app.http !== undefined) await askHttp(app.http);
  if (app.liveness !== undefined) checkLiveness();
} catch (error) {
  console.log(error.message);
  process.exitCode = 1;
}

function fail(sentence) {
  throw new Error(sentence);
}

function askHttp({ host, port, defaultPort, tls }) {
  const speaksTls = tls !== undefined && Boolean(env[tls] || env[`${tls}_FILE`]);
  const at = {
    host: withinReach(env[host]),
    port: env[port] || defaultPort,
    path: '/healthz',
    timeout: TIMEOUT_MS,
    rejectUnauthorized: false, // The certificate is for others' names of us, and this is the process next door.
  };
  return new Promise((resolve, reject) => {
    const request = (speaksTls ? https : http).get(at, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`/healthz answers ${response.statusCode}`));
    });
    request.once('timeout', () => request.destroy(new Error(`/healthz does not answer within ${TIMEOUT_MS} ms`)));
    request.once('error', reject);
  });
}

/** What listens on every address is asked on loopback. */
function withinReach(host) {
  if (host === '::') return '::1';
  return host && host !== '0.0.0.0' ? host : '127.0.0.1';
}

function checkLiveness() {
  const beat = statSync(LIVENESS_FILE, { throwIfNoEntry: false });
  if (beat === undefined) fail('it does not work yet, or not any more');
  const ageMs = Date.now() - beat.mtimeMs;
  if (ageMs > OLDEST_LIVENESS_MS) fail(`its last pulse was ${Math.round(ageMs / 1000)} s ago`);
}
