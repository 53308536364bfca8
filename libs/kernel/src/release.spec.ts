import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASE } from './release.js';

it('names the release that package.json names', () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as { version: string };
  expect(RELEASE).toBe(version);
});
