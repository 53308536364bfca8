import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { testDir } from '@app/runtime/testing';
import { runOnHost as run, startOnHost as start } from './host-commands.js';
import { type System, dataDir, launch, startSystem, until } from './system.js';

const STARTED_MS = 60_000;

const data = dataDir();
const dir = testDir();
const backup = join(dir.path, 'backup');
let system: System;
let instance: string;
/** What an operator sees of the peers at the time of the backup. */
let peers: unknown[];
beforeAll(async () => {
  system = await startSystem({ dataDir: data.path });
  const accepted = async (path: string, body: object): Promise<string> => {
    const answer = await system.call('POST', path, body);
    if (answer.status !== 202) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body.position;
  };
  let position = '';
  for (let n = 1; n <= 5; n++)
    position = await accepted('peers', { remote_peer_id: `inst-${n}`, label: `Peer ${n}`, url: `https://peer-${n}.example` });
  const [first] = await peersOf(system, position);
  position = await accepted(`peers/${String(first?.['peer_id'])}/suspend`, { note: 'maintenance', until: null });
  await until(
    () => system.get('services'),
    ({ body }) => body.data?.every(({ status }: { status: string }) => status !== 'unknown'),
    STARTED_MS,
    'a verdict of each component',
  );
  instance = (await system.get('session')).body.instance_id;
  peers = await peersOf(system, position);
}, 180_000);
afterAll(async () => {
  await system.stop();
  await data.remove();
  await dir.remove();
}, 60_000);

/** What operators made of the peers; their links are tried on, and what comes of that goes on. */
async function peersOf({ get }: System, after?: string): Promise<Record<string, unknown>[]> {
  const { body } = await get(`peers?limit=200${after === undefined ? '' : `&after=${after}`}`);
  return (body.data as Record<string, unknown>[]).map(({ peer_id, label, url, lifecycle, secret_fingerprint, registered_at }) => ({
    ...{ peer_id, label, url, lifecycle, secret_fingerprint, registered_at },
  }));
}

it('a running system is saved, and says how far it is and what it has', async () => {
  const { code, printed } = await run('backup', [backup, '--with-key'], { DATA_DIR: data.path });
  expect([code, printed]).toEqual([0, expect.stringContaining(`Backed up ${instance}.`)]);
  for (const what of ['FACTS', 'CALLS', 'TELEMETRY', 'KV_ONCE', 'private.peer_secret', 'rollup.component_minute'])
    expect(printed).toMatch(new RegExp(`^ {2}${what.replace('.', '\\.')}: \\d+ (messages|rows)`, 'm'));
  expect(statSync(backup).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(backup, 'secrets-key'), 'utf8')).toBe(readFileSync(join(data.path, 'secrets/secrets-key'), 'utf8'));
  expect((await system.get('/readyz')).status).toBe(200);
}, 60_000);

it('a backup without the key says what its absence means', async () => {
  const { code, printed } = await run('backup', [join(dir.path, 'keyless')], { DATA_DIR: data.path });
  expect([code, printed]).toEqual([0, expect.stringContaining('each peer has to be removed and added again')]);
  expect(existsSync(join(dir.path, 'keyless/secrets-key'))).toBe(false);
}, 60_000);

it.each<['backup' | 'restore', string, string[], string]>([
  ['backup', 'no directory', [], 'One directory must be named.\nUsage: npm run backup -- <directory>'],
  ['backup', 'two directories', ['a', 'b'], 'Usage: npm run backup -- <directory>'],
  ['backup', 'an unknown option', ['a', '--with-keys'], 'Usage: npm run backup -- <directory>'],
  ['restore', 'no directory', [], 'Usage: npm run restore -- <directory>'],
  ['restore', 'a directory that is not there', ['/nowhere'], '(restore.no-backup)\n  next: '],
  ['backup', 'a directory that holds a backup', [backup], '(backup.directory-not-empty)\n  next: '],
])('%s with %s is refused in a sentence', async (command, _what, args, words) => {
  const { code, printed } = await run(command, args, { DATA_DIR: data.path });
  expect([code, printed]).toEqual([1, expect.stringContaining(words)]);
  expect(printed).not.toMatch(/^ +at /m);
});

it('a backup is refused where nothing runs', async () => {
  const { code, printed } = await run('backup', [join(dir.path, 'none')], { DATA_DIR: join(dir.path, 'no-data') });
  expect([code, printed]).toEqual([1, expect.stringContaining('(backup.not-running)')]);
  expect(existsSync(join(dir.path, 'none'))).toBe(false);
});

it('a restore into the data of a system is refused, and the system goes on', async () => {
  const { code, printed } = await run('restore', [backup, '--data-dir', data.path]);
  expect([code, printed]).toEqual([1, expect.stringContaining('(restore.not-empty)')]);
  expect(existsSync(join(data.path, 'restore-manifest.json'))).toBe(false);
  expect((await system.get('/readyz')).status).toBe(200);
}, 60_000);

it('nothing starts on what a killed restore left', async () => {
  const left = dataDir();
  try {
    const { child, printed } = start('restore', [backup, '--data-dir', left.path]);
    const marker = join(left.path, 'restoring.json');
    await until(async () => existsSync(marker) || child.exitCode !== null, Boolean, STARTED_MS, `a restore under way: ${printed()}`);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(marker)).toBe(true);
    const started = await launch({ dataDir: left.path });
    expect(started.process.exitCode).toBe(1);
    expect(started.printed()).toContain('runtime.data-dir-half-restored');
    const again = await run('restore', [backup, '--data-dir', left.path]);
    expect([again.code, again.printed]).toEqual([1, expect.stringContaining('(restore.not-empty)')]);
  } finally {
    await left.remove();
  }
}, 120_000);

it('a restore that is told to stop leaves an empty directory', async () => {
  const left = dataDir();
  try {
    mkdirSync(left.path, { recursive: true });
    const { child, printed } = start('restore', [backup, '--data-dir', left.path]);
    const marker = join(left.path, 'restoring.json');
    await until(async () => existsSync(marker) || child.exitCode !== null, Boolean, STARTED_MS, `a restore under way: ${printed()}`);
    child.kill('SIGINT');
    const [code] = (await once(child, 'close')) as [number];
    expect([code, printed()]).toEqual([1, expect.stringContaining('(backup.interrupted)')]);
    expect(readdirSync(left.path)).toEqual([]);
  } finally {
    await left.remove();
  }
}, 120_000);

it('the system starts on what was restored and accepted, and answers as it did', async () => {
  await system.call('POST', 'peers', { remote_peer_id: 'inst-late', label: 'After the backup', url: 'https://late.example' });
  await system.stop();
  const other = dataDir();
  try {
    const { code, printed } = await run('restore', [backup, '--data-dir', other.path]);
    expect([code, printed]).toEqual([0, expect.stringContaining(`accept --restored --confirm=${instance}`)]);
    expect(printed).not.toContain('holds no secrets-key');
    expect(JSON.parse(readFileSync(join(other.path, 'restore-manifest.json'), 'utf8'))).toEqual({
      instance_id: instance,
      restored_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      backup_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(readFileSync(join(other.path, 'secrets/secrets-key'), 'utf8')).toBe(
      readFileSync(join(data.path, 'secrets/secrets-key'), 'utf8'),
    );
    expect(existsSync(join(other.path, 'restoring.json'))).toBe(false);
    const accepted = await run('log', ['accept', '--restored', `--confirm=${instance}`], { DATA_DIR: other.path }); // While nothing runs.
    expect([accepted.code, accepted.printed]).toEqual([0, expect.stringContaining('FACTS is open.')]);
    const again = await startSystem({ dataDir: other.path, token: system.token });
    try {
      expect(await peersOf(again)).toEqual(peers);
      expect((await again.get('session')).body.instance_id).toBe(instance);
      const added = await again.call('POST', 'peers', { remote_peer_id: 'inst-new', label: 'New', url: 'https://new.example' });
      expect(added.status).toBe(202);
      expect(await peersOf(again, added.body.position)).toHaveLength(peers.length + 1);
    } finally {
      await again.stop();
    }
  } finally {
    await other.remove();
  }
}, 180_000);
