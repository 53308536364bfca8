import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { DEFAULT_SIZES, EventStore } from '@app/event-store';
import { RELEASE } from '@app/kernel';
import { PgLogMarks, poolOf } from '@app/read-store';
import {
  KEY,
  type SavedSystem,
  acceptRestored,
  emptyTarget,
  messagesOf,
  openSavedSystem,
  quiet,
  restore,
  rewrite,
  rowsOf,
} from '../../testing/saved-system.js';
import { type Acknowledged, type Servers, openSystem, setUpSystem } from '../../testing/whole-system.js';
import { RESTORE_MANIFEST } from './bring-back.js';
import { LEFT_OUT, SAVED, SAVED_SCHEMAS } from './kept-tables.js';
import { KEY_FILE, MANIFEST, MANIFEST_HASH, type Manifest, sha256 } from './manifest.js';
import { saveTo } from './save.js';

const STREAMS = ['FACTS', 'CALLS', 'TELEMETRY', 'KV_ONCE'];

let at: SavedSystem;
beforeAll(async () => void (at = await openSavedSystem()), 180_000); // The first test of a run starts PostgreSQL.
afterAll(() => at.close(), 60_000);

const readModels = async (url: string): Promise<string[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>("SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'rm\\_%' ORDER BY 1");
  await client.end();
  return rows.map(({ name }) => name);
};

/** Without checkpoints, which are of another incarnation after an accept. */
const models = (rows: Record<string, string[]>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(rows).filter(([table]) => !table.endsWith('.checkpoint')));

/** The rows of a table as a backup holds them. */
const savedRows = (path: string, table: string): string[] =>
  readFileSync(join(path, 'tables', `${table}.jsonl`), 'utf8')
    .split('\n')
    .slice(0, -1)
    .toSorted();

/** The row of a stream in `private.log_identity` after a restore. */
const closed = (line: string, at: string): string => {
  const [stream, ...row] = JSON.parse(line) as (string | null)[];
  return JSON.stringify([stream, ...row.slice(0, -1), stream === 'TELEMETRY' ? null : at]);
};

/** How a process that is started on these servers refuses to write to each stream; null: it does not. */
async function refusals({ nats, databaseUrl }: Servers): Promise<Record<string, unknown>> {
  const pool = poolOf(databaseUrl, { name: 'test', max: 2 });
  const store = await EventStore.open({ ...nats, name: 'test' }, [], DEFAULT_SIZES, new PgLogMarks(pool));
  try {
    const of = (stream: 'FACTS' | 'CALLS' | 'TELEMETRY') => store.gate.pass(stream).then(() => null, (error: unknown) => error); // prettier-ignore
    return { FACTS: await of('FACTS'), CALLS: await of('CALLS'), TELEMETRY: await of('TELEMETRY') };
  } finally {
    await store.close();
    await pool.end();
  }
}

describe('a backup of a system at rest', () => {
  it('restores every message, every row of private and every roll-up, and read models are built again as they were', async () => {
    const to = await emptyTarget(at.dir);
    try {
      const restored = await restore(at.saved, to);
      for (const stream of STREAMS) expect(await messagesOf(to.nc, stream)).toEqual(await messagesOf(at.system.store.nc, stream));
      const { 'private.migration': _after, 'private.log_identity': identity, ...rows } = await rowsOf(to.databaseUrl, SAVED_SCHEMAS);
      const { 'private.migration': _before, 'private.log_identity': _moves, ...before } = await rowsOf(at.database.url, SAVED_SCHEMAS);
      expect(rows).toEqual(before);
      expect(identity).toEqual(savedRows(at.saved, 'private.log_identity').map((line) => closed(line, restored.restored_at)));
      expect(Object.keys(rows).filter((table) => rows[table]?.length === 0)).toEqual(['rollup.parked']); // Nothing is parked.
      expect(JSON.parse(readFileSync(join(to.dataDir, RESTORE_MANIFEST), 'utf8'))).toEqual(restored);
      expect(restored).toEqual({
        instance_id: at.system.store.identity.instance_id,
        restored_at: expect.any(String),
        backup_hash: sha256(readFileSync(join(at.saved, MANIFEST))),
      });
      expect(readFileSync(join(to.dataDir, 'secrets', KEY_FILE), 'utf8')).toBe(KEY);
      expect(statSync(join(to.dataDir, 'secrets', KEY_FILE)).mode & 0o777).toBe(0o600);

      await setUpSystem(to);
      const next = expect.stringContaining(`npm run log -- accept --restored --confirm=${restored.instance_id}`);
      const closedBy = expect.objectContaining({ code: 'log.rewound', next });
      expect(await refusals(to)).toEqual({ FACTS: closedBy, CALLS: closedBy, TELEMETRY: null }); // Nothing else tells: the log ends at its mark.
      await acceptRestored(to, restored);
      expect(await refusals(to)).toEqual({ FACTS: null, CALLS: null, TELEMETRY: null });
      const after = await rowsOf(to.databaseUrl, ['private']);
      const shut = ['private.edge_join_token', 'private.login_code', 'private.session'];
      expect(shut.map((table) => after[table])).toEqual([[], [], []]);
      for (const table of [
        'private.owed_revocation',
        'private.peer_secret',
        'private.route_credential',
        'private.service_probe',
        'private.service_token',
      ])
        expect([table, after[table]]).toEqual([table, before[table]]);
      const again = await openSystem(to);
      await again.caughtUp();
      const schemas = await readModels(at.database.url);
      expect(schemas.length).toBeGreaterThan(5);
      const [built, were] = [await rowsOf(to.databaseUrl, [...schemas, 'rollup']), await rowsOf(at.database.url, [...schemas, 'rollup'])];
      expect(models(built)).toEqual(models(were));
      const { last_seq } = (await at.system.store.info('FACTS')).state;
      expect(await again.fact()).toEqual({ stream: 'FACTS', seq: last_seq + 4 }); // After one `log.stream.accepted` a stream.
      await again.close();
    } finally {
      await to.stop();
    }
  }, 120_000);

  it('can be read by nobody else', () => {
    const modes = new Map<string, number>();
    const walk = (path: string): void => {
      const is = statSync(path);
      modes.set(path, is.mode & 0o777);
      if (is.isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
    };
    walk(at.saved);
    for (const [path, mode] of modes) expect([path, mode]).toEqual([path, statSync(path).isDirectory() ? 0o700 : 0o600]);
    expect(modes.size).toBeGreaterThan(15);
  });

  it('holds the key only when that was asked for', async () => {
    const path = join(at.dir, 'without-key');
    await saveTo(path, { ...at.from, secretsKey: null }, quiet);
    expect(readdirSync(path).toSorted()).toEqual([MANIFEST, MANIFEST_HASH, 'streams', 'tables']);
    expect(readdirSync(at.saved)).toContain(KEY_FILE);
  });

  it('says in its manifest what it is of', () => {
    const manifest = JSON.parse(readFileSync(join(at.saved, MANIFEST), 'utf8')) as Manifest;
    expect(manifest).toMatchObject({ format: 1, release: RELEASE, instance_id: at.system.store.identity.instance_id });
    expect(manifest.streams.map(({ name }) => name).toSorted()).toEqual(STREAMS.toSorted());
    expect(manifest.streams.find(({ name }) => name === 'FACTS')).toMatchObject({
      incarnation: at.system.store.identity.incarnation,
      first_seq: 1,
      last_seq: 20,
    });
    expect(RELEASE).toBe((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version);
  });
});

describe('a backup under load', () => {
  it('holds whatever was acknowledged before it began, and each secret that a fact in it names', async () => {
    const acknowledged: Acknowledged[] = [];
    const secrets: string[] = [];
    let isOver = false;
    const writing = [() => at.system.fact(), () => at.system.call(), () => at.system.sample()].map(async (write) => {
      while (!isOver) acknowledged.push(await write());
    });
    const registering = (async () => {
      while (!isOver) {
        const secret = randomUUID();
        await at.system.db.query(`INSERT INTO private.peer_secret VALUES ($1, 'peer', 1, 'sealed', 'fp', '')`, [secret]);
        secrets.push(secret);
        acknowledged.push(await at.system.fact(secret)); // As a registration does it: the row, then the fact that names it.
      }
    })();
    const path = join(at.dir, 'under-load');
    const enough = Promise.withResolvers<void>();
    const look = setInterval(() => void (acknowledged.length > 100 && enough.resolve()), 5);
    await enough.promise;
    clearInterval(look);
    const [before, kept] = [[...acknowledged], [...secrets]];
    await saveTo(path, { ...at.from, secretsKey: null }, quiet);
    const after = acknowledged.length;
    isOver = true;
    await Promise.all([...writing, registering]);
    expect(after).toBeGreaterThan(before.length); // Writers were not held.

    const to = await emptyTarget(at.dir);
    try {
      const manifestOf = await restore(path, to);
      for (const stream of ['FACTS', 'CALLS', 'TELEMETRY'] as const) {
        const [restored, source] = [await messagesOf(to.nc, stream), await messagesOf(at.system.store.nc, stream)];
        const there = before.filter((one) => one.stream === stream && source.has(one.seq)); // TELEMETRY forgets.
        expect(there.filter(({ seq }) => restored.get(seq) !== source.get(seq))).toEqual([]);
        for (const [seq, message] of restored) if (source.has(seq)) expect(message).toBe(source.get(seq));
      }
      const rows = await rowsOf(to.databaseUrl, SAVED_SCHEMAS);
      const has = new Set((rows['private.peer_secret'] ?? []).map((line) => (JSON.parse(line) as string[])[0]));
      expect(kept.filter((secret) => !has.has(secret))).toEqual([]);
      const facts = [...(await messagesOf(to.nc, 'FACTS')).values()];
      const named = facts.flatMap((message) => /"secret_id":"([^"]+)"/.exec(message)?.[1] ?? []).filter((id) => secrets.includes(id));
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((secret) => !has.has(secret))).toEqual([]);
      const manifest = JSON.parse(readFileSync(join(path, MANIFEST), 'utf8')) as Manifest;
      for (const { schema, name } of manifest.tables) {
        if (name === 'checkpoint' || name === 'log_identity') continue;
        expect(rows[`${schema}.${name}`]).toEqual(savedRows(path, `${schema}.${name}`));
      }
      await acceptRestored(to, manifestOf);
      await setUpSystem(to);
      const again = await openSystem(to); // A roll-up that was ahead of TELEMETRY would not start.
      await again.sample();
      await again.caughtUp();
      await again.close();
    } finally {
      await to.stop();
    }
  }, 120_000);
});

describe('a backup of an earlier release', () => {
  it('is restored with the tables of that release, and brought to those of this one', async () => {
    const path = join(at.dir, 'earlier');
    cpSync(at.saved, path, { recursive: true });
    const file = 'tables/private.log_identity.jsonl';
    const withoutLast = savedRows(path, 'private.log_identity').map((line) => JSON.stringify((JSON.parse(line) as unknown[]).slice(0, -1)));
    writeFileSync(join(path, file), `${withoutLast.join('\n')}\n`);
    const text = readFileSync(join(path, file));
    rewrite(path, (manifest: { migrations: string[]; tables: { name: string; columns: unknown[] }[]; files: Record<string, object> }) => {
      manifest.migrations = manifest.migrations.filter((name) => !name.startsWith('LogRestored'));
      manifest.tables.find(({ name }) => name === 'log_identity')?.columns.pop();
      manifest.files[file] = { sha256: sha256(text), bytes: text.length };
    });
    const to = await emptyTarget(at.dir);
    try {
      const { restored_at } = await restore(path, to);
      const { 'private.log_identity': identity } = await rowsOf(to.databaseUrl, ['private']);
      expect(identity).toEqual(savedRows(at.saved, 'private.log_identity').map((line) => closed(line, restored_at)));
      expect(Object.values(await refusals(to))).toEqual([expect.anything(), expect.anything(), null]);
    } finally {
      await to.stop();
    }
  }, 60_000);
});

describe('a backup', () => {
  it('refuses a directory that holds something, and a file', async () => {
    const used = join(at.dir, 'used');
    mkdirSync(used);
    writeFileSync(join(used, 'note'), '');
    await expect(saveTo(used, { ...at.from, secretsKey: null }, quiet)).rejects.toMatchObject({ code: 'backup.directory-not-empty' });
    await expect(saveTo(join(used, 'note'), { ...at.from, secretsKey: null }, quiet)).rejects.toMatchObject({
      code: 'backup.directory-unusable',
    });
    expect(readdirSync(used)).toEqual(['note']);
  });

  it('leaves nothing when it fails, or is interrupted', async () => {
    const path = join(at.dir, 'failed');
    const nowhere = new URL(at.database.url);
    nowhere.pathname = '/nowhere';
    await expect(saveTo(path, { ...at.from, databaseUrl: nowhere.href, secretsKey: null }, quiet)).rejects.toThrow('does not exist');
    expect(readdirSync(path)).toEqual([]);
    const stop = new AbortController();
    const abort = (words: string): void => void (words.includes('CALLS') && stop.abort(new Error('told to stop')));
    await expect(saveTo(path, { ...at.from, secretsKey: null, signal: stop.signal }, abort)).rejects.toThrow('told to stop');
    expect(readdirSync(path)).toEqual([]);
  });

  it('names every table of its schemas, or says why it leaves it out', async () => {
    const tables = Object.keys(await rowsOf(at.database.url, SAVED_SCHEMAS));
    expect(tables.toSorted()).toEqual([...Object.keys(SAVED), ...Object.keys(LEFT_OUT)].toSorted());
  });

  it('has nothing in its schemas that it cannot save: no sequence but that of the migrations, no foreign key, no view', async () => {
    const kinds = `
      SELECT c.relkind::text || ' ' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = ANY($1) AND c.relkind NOT IN ('r', 'i', 't')
      UNION ALL
      SELECT k.contype::text || ' ' || k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
       WHERE n.nspname = ANY($1) AND k.contype NOT IN ('p', 'u', 'c', 'n')`;
    expect(await at.system.db.query(kinds, [SAVED_SCHEMAS])).toEqual([{ name: 'S migration_id_seq' }]);
  });
});
