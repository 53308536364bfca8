import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../rooms.js';

interface Locked {
  readonly link?: boolean;
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
