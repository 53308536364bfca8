import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDir, testDir } from '@app/runtime/testing';
import { fetchRelease } from './fetch-release.js';
import { findProgram, type FindOptions, type Source } from './find.js';
import { KNOWN } from './program.js';

let dir: TestDir;
let said: string[];
beforeEach(() => {
  dir = testDir();
  said = [];
});
afterEach(() => dir.remove());

/** A program that knows its version and nothing else. */
function fake(path: string, version: string): string {
  const file = join(dir.path, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "${version}"\n`);
  chmodSync(file, 0o755);
  return file;
}
function options(env: Record<string, string>): FindOptions {
  // fetching has just failed: what is not found here is not looked for outside
  mkdirSync(join(dir.path, 'cache'), { recursive: true });
  for (const name of ['nats-server', 'valkey-server']) writeFileSync(join(dir.path, `cache/${name}.unavailable`), 'no network');
  return { cacheDirs: [join(dir.path, 'cache')], log: (_, message) => said.push(message), env };
}

it('takes the one that is named, and no other when that will not do', async () => {
  const file = fake('own/nats-server', 'nats-server: v2.12.3');
  fake('bin/nats-server', 'nats-server: v2.13.0');
  const PATH = join(dir.path, 'bin');
  expect(await findProgram('nats-server', options({ NATS_SERVER_BIN: file, PATH }))).toEqual({ file, version: '2.12.3' });
  const old = fake('own/old', 'nats-server: v2.11.9');
  expect(await findProgram('nats-server', options({ NATS_SERVER_BIN: old, PATH }))).toEqual({
    missing: `NATS_SERVER_BIN will not do: ${old} is 2.11.9, 2.12.0 is needed.`,
  });
});

it('passes over what is too old on PATH, and says so', async () => {
  const old = fake('old/nats-server', 'nats-server: v2.9.10');
  const file = fake('new/nats-server', 'nats-server: v2.12.0');
  const PATH = `${join(dir.path, 'old')}:${join(dir.path, 'new')}`;
  expect(await findProgram('nats-server', options({ PATH }))).toEqual({ file, version: '2.12.0' });
  expect(said).toEqual([`Not used: ${old} is 2.9.10, 2.12.0 is needed.`]);
});

it('takes a redis-server for want of a valkey-server', async () => {
  const PATH = join(dir.path, 'bin');
  const redis = fake('bin/redis-server', 'Redis server v=7.0.15 sha=0');
  expect(await findProgram('valkey-server', options({ PATH }))).toEqual({ file: redis, version: '7.0.15' });
  const valkey = fake('bin/valkey-server', 'Valkey server v=8.0.1 sha=0');
  expect(await findProgram('valkey-server', options({ PATH }))).toEqual({ file: valkey, version: '8.0.1' });
});

it('takes what was fetched before, with its libraries', async () => {
  const tree = join(dir.path, `cache/valkey-server-${process.platform}-${process.arch}`);
  const file = fake(`cache/valkey-server-${process.platform}-${process.arch}/usr/bin/valkey-server`, 'v=8.0.1 $LD_LIBRARY_PATH');
  writeFileSync(join(tree, 'program.json'), JSON.stringify({ file: 'usr/bin/valkey-server', libraries: ['usr/lib/here'] }));
  expect(await findProgram('valkey-server', options({ PATH: '/nowhere' }))).toEqual({
    file,
    tree,
    libraries: ['usr/lib/here'],
    version: '8.0.1',
  });
});

it('says what is missing and what would help, without trying again what has just failed', async () => {
  const failure = join(dir.path, 'cache/valkey-server.unavailable');
  expect(await findProgram('valkey-server', options({ PATH: '/nowhere' }))).toEqual({
    missing:
      `No valkey-server >= 7.2.0 or redis-server >= 6.2.0 was found, and none could be fetched (no network; this is tried again after an ` +
      `hour, or when ${failure} is removed). Install one, or name it in VALKEY_SERVER_BIN.`,
  });
  expect(said).toEqual([]);
});

describe('a program in the cache that was fetched long ago', () => {
  const kind = `${process.platform}-${process.arch}`;
  const brings =
    (version: string): Source =>
    async ({ into }) => {
      const file = join(into, 'nats-server');
      writeFileSync(file, `#!/bin/sh\necho "v${version}"\n`);
      chmodSync(file, 0o755);
      return { file, version };
    };
  /** What is found in a cache with 2.13.0 of that age. */
  async function foundAfter(ageMs: number, ...sources: Source[]): Promise<string> {
    fake(`cache/nats-server-${kind}/nats-server`, 'v2.13.0');
    const note = join(dir.path, `cache/nats-server-${kind}/program.json`);
    writeFileSync(note, JSON.stringify({ file: 'nats-server' }));
    const then = new Date(Date.now() - ageMs);
    utimesSync(note, then, then);
    const wanted = { ...options({ PATH: '/nowhere' }), sources };
    rmSync(join(dir.path, 'cache/nats-server.unavailable'));
    const found = await findProgram('nats-server', wanted);
    return 'missing' in found ? found.missing : found.version;
  }
  const { staleAfterMs } = KNOWN['nats-server'];

  it('is replaced by a newer one', async () => expect(await foundAfter(2 * staleAfterMs, brings('2.14.0'))).toBe('2.14.0'));
  it('is not looked for anew before', async () => expect(await foundAfter(staleAfterMs / 2, brings('2.14.0'))).toBe('2.13.0'));
  it.each<[string, Source]>([
    ['nothing can be fetched', async () => 'no network'],
    ['only an older one can be fetched', brings('2.12.0')],
  ])('stays when %s, and is not looked for again at once', async (_, source) => {
    expect(await foundAfter(2 * staleAfterMs, source)).toBe('2.13.0');
    const again: Source = () => Promise.reject(new Error('asked again'));
    expect(
      await findProgram('nats-server', { cacheDirs: [join(dir.path, 'cache')], log: () => undefined, env: {}, sources: [again] }),
    ).toMatchObject({
      version: '2.13.0',
    });
  });
});

it('takes no release whose SHA-256 is not the one of this repository', async () => {
  expect(Object.keys(KNOWN['nats-server'].release ?? {})).toEqual(['archive', 'sha256', 'file']);
  const fetched = jest.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('not the archive'));
  const fetching = { name: 'nats-server', into: dir.path, scratch: join(dir.path, 'scratch'), say: () => undefined } as const;
  expect(await fetchRelease(fetching)).toMatch(/has SHA-256 [0-9a-f]{64}, and [0-9a-f]{64} is expected/);
  expect(fetched).toHaveBeenCalledTimes(1);
  fetched.mockRestore();
});
