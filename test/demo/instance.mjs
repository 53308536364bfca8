import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './federate.mjs';
import { ROOT, run } from './processes.mjs';

const START_MS = 180_000;
const BUILT_MS = 60_000;

/**
 * One whole instance on free ports, with servers of its own, reached and reaching on loopback only.
 * @returns {Promise<{ name: string, id: string, origin: string, publicUrl: string, dataDir: string, token: string, call: Function, loginLink: () => Promise<string>, end: () => Promise<unknown> }>}
 */
export async function startInstance(name, dir, more = {}) {
  const dataDir = join(dir, name);
  mkdirSync(dataDir, { recursive: true });
  chmodSync(dir, 0o711); // The servers, under another account, pass through.
  const env = { DATA_DIR: dataDir, API_PORT: '0', PUBLIC_PORT: '0', FEDERATION_ALLOW_LOOPBACK_HTTP: 'true', ...more };
  const main = run('standalone/src/main.js', [], { env });
  try {
    const [link] = await main.says(/http\S+\/login#code=\S+/, START_MS);
    const { origin } = new URL(link);
    const token = await tokenFor(origin, link);
    const call = (method, path, body) => ask(origin, method, path, body, { authorization: `Bearer ${token}` });
    const { instance_id: id } = await call('GET', 'session');
    await until(() => isBuilt(call), Boolean, BUILT_MS, `${name} has its tables built`);
    const { public_url: publicUrl } = JSON.parse(readFileSync(join(dataDir, 'run.json'), 'utf8'));
    const loginLink = async () => (await run('standalone/src/login.js', [], { env }).says(/http\S+\/login#code=\S+/, 30_000))[0];
    return { name, id, origin, publicUrl, dataDir, token, call, loginLink, env, end: main.end, printed: main.printed };
  } catch (error) {
    await main.end();
    throw error;
  }
}

/** Whether all can be read: tables are built a moment after the instance listens. */
async function isBuilt(call) {
  try {
    for (const path of ['overview', 'routes']) await call('GET', path);
    return true;
  } catch (error) {
    if (error.code === 'read.rebuilding') return false;
    throw error;
  }
}

/** Logs in as a person would, by the link, and has a token made. */
async function tokenFor(origin, link) {
  const code = new URL(link).hash.slice('#code='.length);
  const answer = await fetch(`${origin}/api/v1/infrastructure/session`, json('POST', { code }, {}));
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { csrf_token } = await answer.json();
  const body = { name: 'demo', role: 'admin', expires_in_days: 1 };
  return (await ask(origin, 'POST', 'tokens', body, { cookie, 'x-csrf-token': csrf_token })).token;
}

/** The body of the answer; throws with it when it is none. */
async function ask(origin, method, path, body, headers) {
  const answer = await fetch(`${origin}/api/v1/infrastructure/${path}`, json(method, body, headers));
  const said = await answer.json();
  const { code, detail, next = '' } = said;
  if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${code}: ${detail} ${next}`), { code });
  return said;
}

const json = (method, body, headers) => ({
  method,
  headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

/** What a person types to have the CLI know this instance, without a secret in a command. */
export const cliLogin = ({ name, dataDir }) => `DATA_DIR=${dataDir} npm run -s login | npx --no-install ap auth login --profile ${name}`;
export { ROOT };
