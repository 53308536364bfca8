import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { documents } from './documents.js';

/** `npm run docs`: writes what is generated into `docs/`. */
const docs = resolve('docs');
mkdirSync(docs, { recursive: true });
for (const [file, text] of Object.entries(await documents())) {
  writeFileSync(join(docs, file), text);
  process.stdout.write(`docs/${file}\n`);
}
