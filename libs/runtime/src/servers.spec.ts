import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { fromSharedServers, type TestDir, testDir } from '@app/runtime/testing';
import pg from 'pg';
import { type ChildStatus, type RunningServers, type ServerName, StartRefused } from './contract.js';
import { serverAccount } from './run-as.js';
import { natsAccessOf, startServers } from './servers.js';
import { eventually } from './wait.js';
import { valkeyAnswers } from './valkey.js';

let dir: TestDir;
let dataDir: string;
let said: string[];
const running: RunningServers[] = [];
const processes: ChildProcess[] = [];
const log = (_: string, message: string): void => void said.push(message);

beforeAll(async () => {
  await Promise.all([fromSharedServers('/nats-server'), fromSharedServers('/valkey-server')]); // in the cache from here on
});
beforeEach(() => {
  dir = testDir();
  dataDir = join(dir.path, 'data');
  said = [];
});
afterEach(async () => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  for (const servers of running.splice(0)) await servers.stop();
  await dir.remove();
});

async function start(): Promise<RunningServers> {
  const servers = await startServers({ dataDir, log });
  running.push(servers);
  return servers;
}

/** The same in a process of its own, to be killed. */
async function startElsewhere(): Promise<{ child: ChildProcess; servers: Omit<RunningServers, 'children'> & { children: ChildStatus[] } }> {
  const program = join(process.cwd(), 'libs/runtime/testing/servers-process.mjs');
  const child = spawn(process.execPath, [program, dataDir], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  processes.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, servers: JSON.parse(line.toString()) as Awaited<ReturnType<typeof startElsewhere>>['servers'] };
}

type Reached = Pick<RunningServers, 'nats' | 'databaseUrl' | 'valkeyUrl'>;

/** Leaves a mark in the journal and one in the database. */
async function leaveMarks({ nats, databaseUrl }: Reached): Promise<void> {
  const admin = await connect({ ...nats.admin });
  await (await jetstreamManager(admin)).streams.add({ name: 'FACTS', subjects: ['facts.>'] });
  await jetstream(admin).publish('facts.mark', 'here');
  await admin.close();
  await sql(databaseUrl, `CREATE TABLE mark AS SELECT 'here' AS word`);
}

async function marks({ nats, databaseUrl }: Reached): Promise<{ fact: string | undefined; row: unknown }> {
  const app = await connect({ ...nats.app });
  const fact = await (await jetstreamManager(app)).streams.getMessage('FACTS', { last_by_subj: 'facts.mark' });
  await app.close();
  return { fact: fact?.string(), row: await sql(databaseUrl, 'SELECT word FROM mark') };
}
const HERE = { fact: 'here', row: [{ word: 'here' }] };

async function sql(connectionString: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function refusal(attempt: Promise<unknown>): Promise<StartRefused> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StartRefused) return error;
  throw new Error(`not refused but: ${String(error)}`);
}

/** Not a zombie either: who reaps an orphan, and when, is the machine's business. */
const alive = (pid: number): boolean => /^[^ZX]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
const child = (servers: RunningServers, name: ServerName): ChildStatus => servers.children().find((each) => each.name === name)!;
const kill = (servers: RunningServers, name: ServerName): boolean => process.kill(child(servers, name).pid!, 'SIGKILL');

async function withEnv<T>(variables: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    process.env = before;
  }
}

it('keeps configuration and data from other processes of the account, also in a directory of an earlier release', async () => {
  await leaveMarks(await start());
  await running.pop()!.stop();
  const account = serverAccount();
  const files = ['nats/nats.conf', 'valkey/valkey.conf'].map((file) => join(dataDir, 'servers', file));
  if (account !== null) {
    for (const file of files) chownSync(file, account.uid, account.gid);
    for (const name of ['nats', 'postgres', 'valkey']) chmodSync(join(dataDir, 'servers', name), 0o711);
    rmSync(join(dataDir, 'servers/group'));
  }
  for (const file of files) {
    writeFileSync(file, 'of an earlier release');
    chmodSync(file, 0o600);
  }
  const servers = await start();
  expect(await marks(servers)).toEqual(HERE);
  for (const file of files) {
    const { uid, mode } = statSync(file);
    expect([uid, mode & 0o777]).toEqual([process.getuid?.(), account === null ? 0o600 : 0o640]);
  }
  if (account === null) return;
  const asOther = (command: string, path: string): number | null =>
    spawnSync(command, [path], { uid: account.uid, gid: account.gid, cwd: '/', stdio: 'ignore' }).status;
  for (const file of files) expect(asOther('cat', file)).not.toBe(0);
  for (const path of ['nats/store', 'postgres/data']) expect(asOther('ls', join(dataDir, 'servers', path))).not.toBe(0);
  const pid = child(servers, 'nats').pid!;
  expect(asOther('cat', `/proc/${pid}/environ`)).not.toBe(0);
  expect(asOther('ls', `/proc/${pid}/cwd/`)).not.toBe(0);
}, 60_000);

it('starts three servers, which let in whom they should, sync each write, and stops them', async () => {
  const servers = await start();
  await leaveMarks(servers);
  expect(await marks(servers)).toEqual(HERE);
  const varz = (await (await fetch(`${servers.natsMonitorUrl}/varz`)).json()) as { jetstream: { config: { sync_always: boolean } } };
  expect(varz.jetstream.config.sync_always).toBe(true);
  const { origin } = new URL(servers.natsMonitorUrl ?? '');
  for (const path of ['/', '/varz', '/connz', '/jsz?consumers=true']) expect((await fetch(`${origin}${path}`)).status).toBe(404);
  const valkey = new URL(servers.valkeyUrl!);
  expect(await valkeyAnswers(Number(valkey.port), valkey.password)).toBe(true);
  expect(await valkeyAnswers(Number(valkey.port))).toBe(false);
  expect(await sql(servers.databaseUrl, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([{ rolsuper: false }]);
  expect(servers.children().map(({ state, restarts }) => ({ state, restarts }))).toEqual(Array(3).fill({ state: 'ready', restarts: 0 }));
  const pids = servers.children().map(({ pid }) => pid!);
  await servers.stop();
  expect(pids.filter(alive)).toEqual([]);
  expect(servers.children().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
});

it('shows no secret to the rest of the machine: command lines, logs, what others may read', async () => {
  const servers = await start();
  const secretsDir = join(dataDir, 'secrets');
  const secrets = readdirSync(secretsDir).map((name) => readFileSync(join(secretsDir, name), 'utf8'));
  expect(secrets).toHaveLength(7);
  const commands = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  const logs = servers.children().map(({ logFile }) => readFileSync(logFile, 'utf8'));
  const groupFile = join(dataDir, 'servers', 'group'); // Run by root, the servers have a group that no other process is in.
  const others = existsSync(groupFile)
    ? ['-perm', '/007', '-o', '-perm', '/070', '!', '-gid', readFileSync(groupFile, 'utf8').trim()]
    : ['-perm', '/077'];
  const found = execFileSync('find', [dataDir, '-type', 'f', '(', ...others, ')'], { encoding: 'utf8' });
  const readable = found.split('\n').filter(Boolean);
  const shown = [commands, ...logs, said.join('\n'), ...readable.map((file) => readFileSync(file, 'latin1'))];
  expect(shown.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
});

it('refuses a second start on the same data, and disturbs nothing', async () => {
  const servers = await start();
  const before = servers.children();
  expect(await refusal(start())).toMatchObject({
    code: 'runtime.data-dir-in-use',
    message: expect.stringContaining(`process ${process.pid}`) as string,
  });
  expect(servers.children()).toEqual(before);
});

it.each<ServerName>(['nats', 'postgres', 'valkey'])('starts %s again when it is killed: on the same port, with its data', async (name) => {
  const servers = await start();
  await leaveMarks(servers);
  const { pid } = child(servers, name);
  kill(servers, name);
  expect(await eventually(() => child(servers, name).restarts === 1 && child(servers, name).state === 'ready', 20_000)).toBe(true);
  expect(child(servers, name)).toMatchObject({ lastExit: 'killed by SIGKILL', state: 'ready' });
  expect(child(servers, name).pid).not.toBe(pid);
  expect(await marks(servers)).toEqual(HERE);
  const valkey = new URL(servers.valkeyUrl!);
  expect(await valkeyAnswers(Number(valkey.port), valkey.password)).toBe(true);
});

it('waits longer each time that it dies at once', async () => {
  const servers = await start();
  for (let death = 1; death <= 3; death++) {
    kill(servers, 'valkey');
    expect(await eventually(() => child(servers, 'valkey').restarts === death && child(servers, 'valkey').state === 'ready', 20_000)).toBe(
      true,
    );
  }
  expect(said.join('\n').match(/(?<=Valkey ended .*; it is started again in )[\d.]+ s/g)).toEqual(['0.25 s', '0.5 s', '1 s']);
});

it('stops what a start left running that was killed with its group, and has the same data on the same ports', async () => {
  const { child: parent, servers: before } = await startElsewhere();
  await leaveMarks(before);
  process.kill(-parent.pid!, 'SIGKILL'); // its whole group, as Ctrl-C would
  await once(parent, 'exit');
  const orphans = before.children.map(({ pid }) => pid!);
  expect(orphans.filter(alive)).toEqual(orphans);
  const servers = await start();
  expect(orphans.filter(alive)).toEqual([]);
  expect({ nats: servers.nats, databaseUrl: servers.databaseUrl, valkeyUrl: servers.valkeyUrl }).toEqual({
    nats: before.nats,
    databaseUrl: before.databaseUrl,
    valkeyUrl: before.valkeyUrl,
  });
  expect(await marks(servers)).toEqual(HERE);
});

it('recovers when everything was killed at once', async () => {
  const { child: parent, servers: before } = await startElsewhere();
  await leaveMarks(before);
  for (const pid of [parent.pid!, ...before.children.map((each) => each.pid!)]) process.kill(pid, 'SIGKILL');
  await once(parent, 'exit');
  const servers = await start();
  expect(await marks(servers)).toEqual(HERE);
  expect(servers.databaseUrl).toBe(before.databaseUrl);
  expect(said.join('\n')).not.toContain('postmaster.pid'); // that of a process which is dead, reaped or not
});

it('is not stopped by what a kill has left in PostgreSQL’s files', async () => {
  const partial = join(dataDir, 'servers/postgres/data.partial');
  mkdirSync(partial, { recursive: true });
  writeFileSync(join(dataDir, 'clawbutler.json'), '{"format":1}');
  writeFileSync(join(partial, 'PG_VERSION'), '18');
  const before = await start();
  await leaveMarks(before);
  await running.pop()!.stop();
  // the pid of the dead postmaster was given to another process of the same user
  const account = serverAccount();
  const other = spawn('sleep', ['600'], { stdio: 'ignore', ...(account && { uid: account.uid, gid: account.gid }) });
  processes.push(other);
  writeFileSync(join(dataDir, 'servers/postgres/data/postmaster.pid'), `${other.pid}\n`);
  expect(await marks(await start())).toEqual(HERE);
  expect(said.join('\n')).not.toContain('ended');
});

it('moves to another port, and says so, when something has taken the one it had', async () => {
  const before = await start();
  await leaveMarks(before);
  await running.pop()!.stop();
  const port = Number(new URL(before.nats.app.servers[0]!).port);
  const squatter = createServer().listen(port, '127.0.0.1');
  await once(squatter, 'listening');
  try {
    const servers = await start();
    expect(said.join('\n')).toContain(`Port ${port}, which NATS had so far, is taken`);
    expect(await marks(servers)).toEqual(HERE);
    const moved = servers.nats.app.servers;
    await running.pop()!.stop();
    expect((await start()).nats.app.servers).toEqual(moved);
  } finally {
    squatter.close();
  }
});

it('does without Valkey where there is none, and says what is missing', async () => {
  const servers = await withEnv({ VALKEY_SERVER_BIN: '/nowhere/valkey-server' }, start);
  expect(servers.valkeyUrl).toBeNull();
  expect(servers.valkeyMissing).toMatch(/^VALKEY_SERVER_BIN will not do: \/nowhere\/valkey-server does not run here/);
  expect(
    servers
      .children()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['nats', 'postgres']);
});

it('does without a Valkey that does not start', async () => {
  mkdirSync(join(dir.path, 'bin'));
  const fake = join(dir.path, 'bin/valkey-server');
  execFileSync('sh', [
    '-c',
    `printf '#!/bin/sh\\n[ "$1" = --version ] && echo v=8.0.0 && exit; echo no luck; exit 3\\n' >${fake}; chmod 755 ${fake} ${dir.path}/bin`,
  ]);
  const servers = await withEnv({ VALKEY_SERVER_BIN: fake }, start);
  expect(servers.valkeyMissing).toMatch(/^Valkey does not start: exit code 3: no luck\. Its output is in .*valkey\.log\.$/);
  expect(child(servers, 'valkey').state).toBe('stopped');
});

it('stops everything again when it cannot do without the one that fails', async () => {
  const { code, message } = await refusal(withEnv({ NATS_SERVER_BIN: '/nowhere/nats-server' }, start));
  expect({ code, message }).toMatchObject({
    code: 'runtime.server-missing',
    message: expect.stringMatching(/^NATS_SERVER_BIN will not do/) as string,
  });
  const { children } = await start(); // the lock is free again
  expect(children().map(({ restarts }) => restarts)).toEqual([0, 0, 0]);
  expect(said.join('\n')).not.toContain('runs still');
});

it('can be interrupted while it starts, and leaves nothing running', async () => {
  const interrupt = new AbortController();
  const starting = startServers({
    dataDir,
    signal: interrupt.signal,
    log: (level, message) => {
      log(level, message);
      if (message.includes('runs (process')) interrupt.abort();
    },
  });
  expect((await refusal(starting)).code).toBe('runtime.start-interrupted');
  await start();
  expect(said.join('\n')).not.toContain('runs still');
});

it('starts nothing that runs elsewhere', async () => {
  const servers = await startServers({
    dataDir,
    log,
    external: { natsUrl: 'nats://me:secret@h:1', databaseUrl: 'postgres://h/d', valkeyUrl: 'redis://h:2' },
  });
  running.push(servers);
  expect(servers.children()).toEqual([]);
  expect(servers).toMatchObject({
    databaseUrl: 'postgres://h/d',
    valkeyUrl: 'redis://h:2',
    nats: { app: { servers: ['nats://h:1'], user: 'me' } },
  });
  expect(existsSync(join(dataDir, 'servers/nats'))).toBe(false);
});

it.each([
  ['nats://h:4222', { servers: ['nats://h:4222'] }],
  ['h:1,i:2', { servers: ['nats://h:1', 'nats://i:2'] }],
  ['tls://a%40b:p%3Aq@h:1', { servers: ['tls://h:1'], user: 'a@b', pass: 'p:q' }],
  ['nats://t0ken@h:1', { servers: ['nats://h:1'], token: 't0ken' }],
])('takes the credentials out of %s', (url, access) => expect(natsAccessOf(url)).toEqual(access));
