import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ConnectionOptions, type NatsConnection, connect } from '@nats-io/transport-node';
import { testDir } from '@app/runtime/testing';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/apps/standalone/src/main.js');
const START_MS = 90_000;

/** A whole system, as `npm start` runs it, from the built files: a process of its own with servers of its own. */
export interface System {
  readonly dataDir: string;
  readonly origin: string;
  /** Where peers and edge agents are answered. */
  readonly publicUrl: string;
  /** Everything it printed, both streams. */
  readonly printed: () => string;
  readonly process: ChildProcess;
  /** A service token of role admin. */
  readonly token: string;
  /** Path below `/api/v1/infrastructure/`, or from the root when it starts with a slash. As admin, unless told otherwise. */
  readonly call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answered>;
  /** As admin; asks again while the read model has not reached the position in `?after=`, as the answer tells a client to. */
  readonly get: (path: string) => Promise<Answered>;
  /** The pid of an embedded server. */
  readonly serverPid: (name: 'nats' | 'postgres' | 'valkey') => number;
  /** A connection as the user for other services. */
  readonly nats: () => Promise<NatsConnection>;
  /** SIGTERM; resolves to the exit code. The data stays. */
  readonly stop: () => Promise<number | null>;
  /** SIGKILL of the process and of every server, at once. The data stays. */
  readonly killAll: () => Promise<void>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** `any`: a test says what it expects of it. */
  readonly body: any;
}

export interface Start {
  readonly dataDir: string;
  readonly env?: Record<string, string>;
  /** From an earlier start on the same data. */
  readonly token?: string;
}

/** A data directory that goes with the test, whatever becomes of it. */
export const dataDir = (): { path: string; remove: () => Promise<void> } => {
  const dir = testDir();
  return { path: join(dir.path, 'data'), remove: () => dir.remove() };
};

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Starts the process; resolves when it printed its login link, or ended. */
export async function launch({ dataDir, env = {} }: Start): Promise<{ process: ChildProcess; printed: () => string; link: string | null }> {
  if (!existsSync(MAIN)) throw new Error('dist is missing: npm run build');
  const node = join(ROOT, 'node_modules/.bin/node');
  const child = spawn(node, [MAIN], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', DATA_DIR: dataDir, API_PORT: '0', PUBLIC_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const link = await new Promise<string | null>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no login link within ${START_MS} ms:\n${text}`)), START_MS);
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /(http\S+\/login#code=\S+)/.exec(text)?.[1];
      if (found !== undefined) done(found);
    };
    const done = (answer: string | null): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => done(null));
  });
  return { process: child, printed: () => text, link };
}

/** Each reads tables that no other reads. */
const READS = ['overview', 'routes', 'tokens'];

/** Resolves when its tables can be read: they are built a moment after it listens. Throws with what it printed when it does not start. */
export async function startSystem(start: Start): Promise<System> {
  const launched = await launch(start);
  const { process: child, printed, link } = launched;
  if (link === null) throw new Error(`the system did not start:\n${printed()}`);
  const { origin } = new URL(link);
  const token = start.token ?? (await tokenFor(origin, link));
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
    ask(origin, method, path, body, headers);
  const unread = async (): Promise<string[]> => {
    const answers = await Promise.all(READS.map(async (path) => [path, (await call('GET', path)).status] as const));
    return answers.flatMap(([path, status]) => (status === 200 ? [] : `${path}: ${status}`));
  };
  await until(unread, ({ length }) => length === 0, START_MS, 'its tables are built').catch((error: unknown) => {
    child.kill('SIGTERM');
    throw error;
  });
  const serverPid = (name: string): number =>
    Number(/^\S+ (\d+)/.exec(readFileSync(join(start.dataDir, 'servers', name, 'pid'), 'utf8'))?.[1]);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    dataDir: start.dataDir,
    origin,
    publicUrl: (JSON.parse(readFileSync(join(start.dataDir, 'run.json'), 'utf8')) as { public_url: string }).public_url,
    printed,
    process: child,
    token,
    call,
    get: (path) => untilCaughtUp(() => call('GET', path)),
    serverPid,
    nats: () => connect(readerOf(start.dataDir)),
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    killAll: async () => {
      const pids = ['nats', 'postgres', 'valkey'].map(serverPid);
      child.kill('SIGKILL');
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await exited;
    },
  };
}

async function ask(origin: string, method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Answered> {
  const url = path.startsWith('/') ? `${origin}${path}` : `${origin}/api/v1/infrastructure/${path}`;
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
}

const readerOf = (dataDir: string): ConnectionOptions =>
  JSON.parse(readFileSync(join(dataDir, 'reader.json'), 'utf8')) as ConnectionOptions;

/** Logs in by the printed link, as a person would, and issues a token. */
async function tokenFor(origin: string, link: string): Promise<string> {
  const session = await ask(origin, 'POST', 'session', { code: new URL(link).hash.slice('#code='.length) }, {});
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  const body = { name: 'e2e', role: 'admin', expires_in_days: 1 };
  const issued = await ask(origin, 'POST', 'tokens', body, { cookie, 'x-csrf-token': session.body.csrf_token });
  if (issued.status !== 202) throw new Error(`no token: ${issued.status} ${issued.text}`);
  return issued.body.token;
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line, as a person runs it; `input` is its stdin. */
export function ap(env: Record<string, string>, args: readonly string[], input = ''): Promise<Ran> {
  const bin = join(ROOT, 'apps/cli/bin/ap.mjs');
  const child = execFile(join(ROOT, 'node_modules/.bin/node'), [bin, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  child.stdin?.end(input);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })));
}

/**
 * Asks again while the answer is 503 `read.behind`: one request waits 5 s, and a projection that lost its server, or shares a busy
 * machine, may need longer. Resolves to the first other answer, or to the last after a minute.
 */
export async function untilCaughtUp<A extends { readonly status: number; readonly body: any }>(read: () => Promise<A>): Promise<A> {
  const end = performance.now() + 60_000;
  for (;;) {
    const answer = await read();
    if (answer.status !== 503 || answer.body?.code !== 'read.behind' || performance.now() > end) return answer;
  }
}

/** What `npm run login` prints for the system on this data. */
export async function newLoginLink(dataDir: string, more: Record<string, string> = {}): Promise<string> {
  const login = join(ROOT, 'dist/apps/standalone/src/login.js');
  const env = { PATH: process.env['PATH'] ?? '', DATA_DIR: dataDir, ...more };
  return (await promisify(execFile)(join(ROOT, 'node_modules/.bin/node'), [login], { env })).stdout.trim();
}

/** Stops a server as a hung one is: it accepts, and does not answer. Supervision must not restart it, so that the outage stays. */
export async function outage(system: System, name: 'nats' | 'postgres' | 'valkey', during: () => Promise<void>): Promise<void> {
  const pid = system.serverPid(name);
  const { stdout } = await promisify(execFile)('ps', ['-e', '-o', 'pid=,ppid=']);
  const children = stdout.split('\n').map((line) => line.trim().split(/ +/).map(Number)); // PostgreSQL is a process a connection.
  const family = [pid, ...children.flatMap(([child = 0, parent]) => (parent === pid ? [child] : []))];
  const signal = (what: NodeJS.Signals): void => {
    for (const one of family) {
      try {
        process.kill(one, what);
      } catch (error) {
        if (one === pid) throw error; // A connection's process may have ended meanwhile.
      }
    }
  };
  signal('SIGSTOP');
  try {
    await during();
  } finally {
    signal('SIGCONT');
  }
}

/** Asks until `fits`; throws with the last answer when it does not in time. */
export async function until<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, timeoutMs: number, what: string): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (fits(answer)) return answer;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}; last: ${JSON.stringify(answer)?.slice(0, 2_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100)); // Between two questions to a machine that has no event for this.
  }
}
