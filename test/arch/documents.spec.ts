import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from '../../apps/docs/src/documents.js';

const committed = (file: string): string => readFileSync(join(import.meta.dirname, '../../docs', file), 'utf8');

it('the generated documents are what the code says: npm run docs', async () => {
  for (const [file, text] of Object.entries(await documents())) expect([file, committed(file)]).toEqual([file, text]);
}, 60_000);
