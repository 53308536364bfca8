import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { RuntimeLog } from '../src/contract.js';
import { findProgram } from '../src/programs/find.js';
import type { Missing, Program, ProgramName } from '../src/programs/program.js';
import { testDir } from './cleaner.js';
import { POSTGRES_PASSWORD, startTestPostgres } from './test-postgres.js';

/** Where the workers find the house. */
export const SHARED_SERVERS_ENV = 'CLAWBUTLER_TEST_SERVERS';

export interface TestPostgres {
  readonly port: number;
  readonly superuserPassword: string;
  readonly ownerPassword: string;
}

export interface SharedServers {
  /** Stops what was started and removes its files. */
  close(): Promise<void>;
}

/** Tests want speed from PostgreSQL, and room for all their connections; what is in it is gone with the run anyway. */
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200', 'shared_buffers=64MB'];

/**
 * What all tests of one run share, made when the first asks: the server programs, and one PostgreSQL. It lives in the process
 * of jest, and the workers ask over loopback.
 * @param projectDir where `.cache` is
 */
export async function openSharedServers(projectDir: string): Promise<SharedServers> {
  const dir = testDir();
  const log: RuntimeLog = (level, message) => {
    if (level !== 'info' || message.startsWith('Fetching')) console.error(message);
  };
  const cacheDirs = [join(projectDir, '.cache'), join(dir.path, 'cache')];
  const started = new Map<string, Promise<unknown>>();
  let stopPostgres = async (): Promise<void> => undefined;
  const make: Record<string, () => Promise<unknown>> = {
    '/postgres': async () => {
      const { answer, stop } = await startPostgres(dir.path, log);
      stopPostgres = stop;
      return answer;
    },
  };
  for (const name of ['nats-server', 'valkey-server'] satisfies ProgramName[]) {
    make[`/${name}`] = () => findProgram(name, { cacheDirs, log, insist: true });
  }
  if (process.env['CLAWBUTLER_FETCH_SERVERS'] === 'first') await fetchFirst(make);
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const made = started.get(path) ?? make[path]?.() ?? Promise.reject(new Error(`no ${path} in this house`));
    started.set(path, made);
    made.then(
      (answer) => response.end(JSON.stringify(answer)),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  process.env[SHARED_SERVERS_ENV] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    await Promise.allSettled(started.values());
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await stopPostgres();
    await dir.remove();
  };
  return { close };
}

/** Before the first test, since a slow download would be taken for a slow test. Only what is missing is fetched. */
async function fetchFirst(make: Record<string, () => Promise<unknown>>): Promise<void> {
  for (const name of ['/nats-server', '/valkey-server']) {
    const found = (await make[name]!()) as Program | Missing;
    if ('missing' in found) console.error(`Tests that need it will fail: ${found.missing}`);
  }
}

async function startPostgres(dir: string, log: RuntimeLog): Promise<{ answer: TestPostgres; stop: () => Promise<void> }> {
  const { child, url } = await startTestPostgres(dir, log, FAST);
  const passwords = { superuserPassword: POSTGRES_PASSWORD, ownerPassword: POSTGRES_PASSWORD };
  return { answer: { port: Number(new URL(url).port), ...passwords }, stop: () => child.stop() };
}

/** What the system has under this path, asked from a worker. */
export async function fromSharedServers<T>(path: `/${ProgramName}` | '/postgres'): Promise<T> {
  const servers = process.env[SHARED_SERVERS_ENV];
  if (servers === undefined)
    throw new Error('The servers for tests are missing: run jest by "npm run jest" (its global setup makes them).');
  const response = await fetch(`${servers}${path}`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}
