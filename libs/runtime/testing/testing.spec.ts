import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { startTestCluster, startTestNats, startTestValkey, testDatabase, testDir } from '@app/runtime/testing';
import pg from 'pg';
import { spawnRecorded } from '../src/child.js';
import { parseRecord } from '../src/process-record.js';
import { eventually } from '../src/wait.js';

const runs = (pid: number): boolean => /^[^ZX]/.test(spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout);

it('a nats-server is on its port with its streams after kill and restart', async () => {
  const nats = await startTestNats();
  try {
    const connection = await connect({ ...nats.access });
    await (await jetstreamManager(connection)).streams.add({ name: 'S', subjects: ['s'] });
    await jetstream(connection).publish('s', 'kept');
    await connection.close();
    await nats.kill();
    await expect(connect({ ...nats.access, timeout: 1_000 })).rejects.toThrow(/refused|ECONNREFUSED/i);
    await nats.restart();
    const again = await connect({ ...nats.access });
    expect((await (await jetstreamManager(again)).streams.getMessage('S', { seq: 1 }))?.string()).toBe('kept');
    await again.close();
  } finally {
    await nats.stop();
  }
});

it.each([true, false])('syncs each write: %s', async (syncAlways) => {
  const nats = await startTestNats({ syncAlways });
  const varz = (await (await fetch(`${nats.monitorUrl}/varz`)).json()) as { jetstream: { config: { sync_always?: boolean } } };
  await nats.stop();
  expect(varz.jetstream.config.sync_always ?? false).toBe(syncAlways);
});

it('a cluster keeps what it acknowledged and goes on when the leader of a stream is killed, and has it back', async () => {
  const cluster = await startTestCluster({ users: true });
  try {
    const connection = await connect({ ...cluster.access, reconnectTimeWait: 20 });
    const jsm = await jetstreamManager(connection);
    const made = await jsm.streams.add({ name: 'S', subjects: ['s'], num_replicas: 3 });
    await jetstream(connection).publish('s', 'before');
    const leader = cluster.nodes.find(({ name }) => name === made.cluster?.leader)!;
    await leader.kill();
    const publish = (): Promise<boolean> =>
      jetstream(connection)
        .publish('s', 'after', { msgID: 'after', timeout: 500 })
        .then(() => true);
    expect(await eventually(() => publish().catch(() => false), 20_000)).toBe(true);
    await leader.restart();
    const current = async (): Promise<boolean> =>
      (await jsm.streams.info('S')).cluster?.replicas?.every(({ current: is, offline }) => is && !offline) ?? false;
    expect(await eventually(() => current().catch(() => false), 20_000)).toBe(true);
    expect((await jsm.streams.info('S')).state.messages).toBe(2);
    await expect(connect({ port: leader.port })).rejects.toThrow(/Authorization/i);
    await connection.close();
  } finally {
    await cluster.stop();
  }
  expect(cluster.nodes.filter(({ dir }) => existsSync(dir))).toEqual([]);
}, 60_000);

it('a valkey-server answers again after kill and restart', async () => {
  const valkey = await startTestValkey();
  await valkey.kill();
  await valkey.restart();
  await valkey.stop();
  expect(new URL(valkey.url).hostname).toBe('127.0.0.1');
});

it('a database is empty, its own, and gone when dropped, whoever is still in it', async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
  const client = new pg.Client({ connectionString: one.url });
  client.on('error', () => undefined); // dropped under it
  await client.connect();
  await client.query('CREATE TABLE mine ()');
  const other = new pg.Client({ connectionString: two.url });
  await other.connect();
  expect((await other.query(`SELECT to_regclass('mine') AS mine`)).rows).toEqual([{ mine: null }]);
  await other.end();
  await one.drop();
  await two.drop();
  await expect(new pg.Client({ connectionString: one.url }).connect()).rejects.toThrow(/does not exist/);
});

it('ends what a test forgot, and not the process that has the pid of a forgotten one by now', async () => {
  const dir = testDir();
  const spawnIn = (name: string) => {
    const own = join(dir.path, name);
    mkdirSync(own);
    return spawnRecorded({ file: '/bin/sleep', args: ['60'], account: null, pidFile: join(own, 'pid'), logFile: join(own, 'log') });
  };
  const [forgotten, other] = [spawnIn('forgotten'), spawnIn('other')];
  const record = join(dir.path, 'other', 'pid');
  const recorded = (name: string): boolean => readFileSync(join(dir.path, name, 'pid'), 'utf8').endsWith('\n');
  expect(await eventually(() => recorded('forgotten') && recorded('other'), 10_000)).toBe(true);
  const { identity } = parseRecord(readFileSync(record, 'utf8'))!;
  const started = identity.slice(identity.lastIndexOf(' ') + 1);
  writeFileSync(record, readFileSync(record, 'utf8').replace(` ${started} `, ' 1 ')); // Another process, long ago.
  await dir.remove();
  expect([runs(forgotten.pid!), runs(other.pid!)]).toEqual([false, true]);
  other.kill('SIGKILL');
  await once(other, 'exit');
});

it('leaves nothing when the test process is killed: no server, no directory', async () => {
  const program = `
    await import('./libs/runtime/testing/typescript.mjs');
    const { startTestNats } = await import('./libs/runtime/testing/test-nats.ts');
    const { testDir } = await import('./libs/runtime/testing/cleaner.ts');
    const nats = await startTestNats();
    console.log(JSON.stringify({ pid: nats.pid(), dir: testDir().path }));`;
  const doomed = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(doomed.stdout, 'data')) as [Buffer];
  const { pid, dir } = JSON.parse(line.toString()) as { pid: number; dir: string };
  expect([runs(pid), existsSync(dir)]).toEqual([true, true]);
  doomed.kill('SIGKILL');
  expect(await eventually(() => !runs(pid) && !existsSync(dir), 10_000)).toBe(true);
});
