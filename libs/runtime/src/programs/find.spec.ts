import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDir, testDir } from '@app/runtime/testing';
import { findProgram, type FindOptions } from './find.js';

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
