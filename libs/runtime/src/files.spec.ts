import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestDir, testDir } from '@app/runtime/testing';
import { writeWhole } from './files.js';

let dir: TestDir;
beforeEach(() => void (dir = testDir()));
afterEach(() => dir.remove());

const PROGRAM = `
  import ${JSON.stringify(join(import.meta.dirname, '../testing/typescript.mjs'))};
  const { writeWhole } = await import(${JSON.stringify(join(import.meta.dirname, 'files.ts'))});
  writeWhole(process.argv[1], 'new'.repeat(10_000), 0o600);`;

/** No file of its own may become longer than 8 blocks, as on a disk that is full: of a longer one the first part is written. */
const writeOnFullDisk = (path: string) =>
  spawnSync('/bin/sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', PROGRAM, path]);

it('writes a file, with its mode, and leaves nothing beside it', () => {
  const path = join(dir.path, 'secret');
  writeWhole(path, 'old', 0o600);
  writeWhole(path, 'ä'.repeat(100_000), 0o600);
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['ä'.repeat(100_000), 0o600]);
  expect(readdirSync(dir.path)).toEqual(['secret']);
});

it('keeps the file there was when the new one cannot be written to its end', () => {
  const path = join(dir.path, 'secret');
  writeWhole(path, 'old', 0o600);
  const { status, stderr } = writeOnFullDisk(path);
  expect([status, stderr.toString()]).toEqual([1, expect.stringContaining('EFBIG')]);
  expect([readFileSync(path, 'utf8'), readdirSync(dir.path)]).toEqual(['old', ['secret']]);
});
