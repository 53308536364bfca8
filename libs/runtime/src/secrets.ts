import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './files.js';

/** 32 random bytes as hex, made at the first call under this name and kept in `dir` (0600, the directory 0700). */
export function keptSecret(dir: string, name: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(name)) throw new RangeError(`secret name ${name}`);
  const file = join(dir, name);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const secret = randomBytes(32).toString('hex');
  writeWhole(file, secret, 0o600);
  return secret;
}
