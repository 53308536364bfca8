import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NatsAccess } from '@app/runtime';

/** What a running system leaves in its data directory, mode 0600, for tools of the same user: `npm run login`, `npm run log`. */
export interface RunFile {
  readonly pid: number;
  readonly origin: string;
  /** Where peers and edge agents are answered. */
  readonly public_url: string;
  readonly databaseUrl: string;
  /** The user who makes streams. Absent in a file that an earlier release wrote. */
  readonly nats?: NatsAccess;
  /** Where the key of sealed secrets is: `secrets/secrets-key` in the data directory, or SECRETS_KEY in the environment. */
  readonly secrets_key?: 'data-dir' | 'environment';
}

const fileIn = (dataDir: string): string => join(resolve(dataDir), 'run.json');

export const writeRunFile = (dataDir: string, run: RunFile): void => writeFileSync(fileIn(dataDir), JSON.stringify(run), { mode: 0o600 });
export const removeRunFile = (dataDir: string): void => rmSync(fileIn(dataDir), { force: true });

/**
 * How other services reach the log: what `connect()` of the NATS client takes, as the user that may read and nothing else. Kept after
 * a stop, since port and password stay.
 */
export const writeReaderFile = (dataDir: string, reader: object): void =>
  writeFileSync(join(resolve(dataDir), 'reader.json'), `${JSON.stringify(reader, null, 2)}\n`, { mode: 0o600 });

/** null: nothing runs on this data directory. */
export function readRunFile(dataDir: string): RunFile | null {
  try {
    const run = JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as RunFile;
    process.kill(run.pid, 0);
    return run;
  } catch {
    return null; // No file, or one that a killed process left.
  }
}

/** The code stands in the fragment, which a browser sends to nobody. */
export const loginLink = (origin: string, code: string): string => `${origin}/login#code=${code}`;
