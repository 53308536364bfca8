import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { documents } from '../../apps/docs/src/documents.js';

const ROOT = join(import.meta.dirname, '../..');
const committed = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

it('the generated documents are what the code says: npm run docs', async () => {
  for (const [file, text] of Object.entries(await documents())) expect([file, committed(`docs/${file}`)]).toEqual([file, text]);
}, 60_000);

it('the types of the clients are what docs/openapi.json says: npm run docs', async () => {
  const made = await promisify(execFile)('node_modules/.bin/openapi-typescript', ['docs/openapi.json'], {
    cwd: ROOT,
    maxBuffer: 8 * 2 ** 20,
  });
  expect(made.stdout.trim()).toBe(committed('libs/api-types/src/api.generated.ts').trim());
}, 60_000);
