import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { RELEASE } from '@app/kernel';
import {
  type EmptyTarget,
  NOTHING,
  type SavedSystem,
  emptyTarget,
  openSavedSystem,
  restore,
  rewrite,
  stateOf,
} from '../../testing/saved-system.js';
import { KEY_FILE, sha256 } from './manifest.js';

let at: SavedSystem;
let to: EmptyTarget;
beforeAll(async () => {
  at = await openSavedSystem();
  to = await emptyTarget(at.dir);
}, 180_000); // The first test of a run starts PostgreSQL.
afterAll(async () => {
  await to.stop();
  await at.close();
}, 60_000);

/** Every file of a backup. */
const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(path, name)).isFile());

describe('a restore', () => {
  const holdsSomething = (file: string): boolean => statSync(join(at.saved, file)).size > 0;

  async function refuses(code: string, change: (copy: string) => void): Promise<void> {
    const copy = join(at.dir, 'copy');
    rmSync(copy, { recursive: true, force: true });
    cpSync(at.saved, copy, { recursive: true });
    change(copy);
    await expect(restore(copy, to)).rejects.toMatchObject({ code, next: expect.any(String) });
    expect(await stateOf(to)).toEqual(NOTHING);
  }

  it('refuses one flipped bit in any file, and changes nothing', async () => {
    const files = filesOf(at.saved).filter(holdsSomething);
    expect(files.length).toBeGreaterThan(15);
    for (const file of files)
      await refuses('restore.damaged', (copy) => {
        const bytes = readFileSync(join(copy, file));
        const at = bytes.length >> 1;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        writeFileSync(join(copy, file), bytes);
      });
  }, 120_000);

  it('refuses any file that is missing or cut short, and changes nothing', async () => {
    for (const file of filesOf(at.saved)) {
      await refuses(file.startsWith('manifest') ? 'restore.no-backup' : 'restore.damaged', (copy) => rmSync(join(copy, file)));
      if (!holdsSomething(file)) continue;
      await refuses('restore.damaged', (copy) => writeFileSync(join(copy, file), readFileSync(join(copy, file)).subarray(0, -1)));
    }
  }, 120_000);

  it.each<[string, (copy: string) => void]>([
    [
      'a file in the place of another',
      (copy) => {
        renameSync(join(copy, 'streams/FACTS.tar.s2'), join(copy, 'x'));
        renameSync(join(copy, 'streams/CALLS.tar.s2'), join(copy, 'streams/FACTS.tar.s2'));
        renameSync(join(copy, 'x'), join(copy, 'streams/CALLS.tar.s2'));
      },
    ],
    ['a file that is not part of it', (copy) => writeFileSync(join(copy, 'tables/private.more.jsonl'), '')],
    [
      'a link in the place of a file',
      (copy) => {
        rmSync(join(copy, KEY_FILE));
        symlinkSync(join(at.saved, KEY_FILE), join(copy, KEY_FILE));
      },
    ],
  ])('refuses %s, and changes nothing', (_what, change) => refuses('restore.damaged', change));

  it.each<[string, (manifest: any) => void]>([
    ['a newer format', (manifest) => (manifest.format = 2)],
    ['a newer release', (manifest) => (manifest.release = RELEASE.replace(/\d+$/, (patch) => String(Number(patch) + 1)))],
    ['a migration that this release does not know', (manifest) => manifest.migrations.push('Later1999999999999')],
    ['a roll-up of a newer version', (manifest) => (manifest.roll_ups.component_minute = 99)],
    ['a roll-up that this release does not have', (manifest) => (manifest.roll_ups.later = 1)],
  ])('refuses a backup with %s, and changes nothing', (_what, change) => refuses('restore.newer-release', (copy) => rewrite(copy, change)));

  it('refuses what is no backup', async () => {
    await expect(restore(join(at.dir, 'nowhere'), to)).rejects.toMatchObject({ code: 'restore.no-backup' });
    expect(await stateOf(to)).toEqual(NOTHING);
  });

  it('undoes what it did when a later step fails', async () => {
    const copy = join(at.dir, 'broken');
    cpSync(at.saved, copy, { recursive: true });
    const file = 'tables/rollup.component_minute.jsonl';
    writeFileSync(join(copy, file), '["not", "a", "row"]\n');
    const bytes = statSync(join(copy, file)).size;
    rewrite(copy, (manifest) => (manifest.files[file] = { sha256: sha256(readFileSync(join(copy, file))), bytes }));
    await expect(restore(copy, to)).rejects.toThrow('violates not-null constraint');
    expect(await stateOf(to)).toEqual(NOTHING);
  });

  it('undoes what it did when it is interrupted', async () => {
    const stop = new AbortController();
    const abort = (words: string): void => void (/CALLS: \d/.test(words) && stop.abort(new Error('told to stop')));
    await expect(restore(at.saved, to, { signal: stop.signal, say: abort })).rejects.toThrow('told to stop');
    expect(await stateOf(to)).toEqual(NOTHING);
  });

  it.each<[string, (target: EmptyTarget) => Promise<unknown>]>([
    ['a data directory that holds something', async ({ dataDir }) => (mkdirSync(dataDir), writeFileSync(join(dataDir, 'x'), ''))],
    [
      'a NATS that has one of the streams',
      async ({ nc }) => (await jetstreamManager(nc)).streams.add({ name: 'CALLS', subjects: ['calls.>'] }),
    ],
    ['a PostgreSQL that has private tables', ({ databaseUrl }) => sql(databaseUrl, 'CREATE SCHEMA private; CREATE TABLE private.x ()')],
    ['a PostgreSQL that has read models', ({ databaseUrl }) => sql(databaseUrl, 'CREATE SCHEMA rm_x_v1; CREATE TABLE rm_x_v1.x ()')],
  ])('refuses %s, and changes nothing', async (_what, use) => {
    const used = await emptyTarget(at.dir);
    try {
      await use(used);
      const before = await stateOf(used);
      await expect(restore(at.saved, used)).rejects.toMatchObject({ code: 'restore.not-empty' });
      expect(await stateOf(used)).toEqual(before);
    } finally {
      await used.stop();
    }
  });
});

async function sql(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
