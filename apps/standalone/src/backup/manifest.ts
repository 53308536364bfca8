import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { SnapshotHead } from '@app/event-store';
import type { TableDescription } from '@app/read-store';

/** Raised when a restore of before could not read what a backup of now writes. */
export const FORMAT = 1;

/**
 * What lies in a backup:
 *
 *     manifest.json            this
 *     manifest.sha256          the SHA-256 of manifest.json, as `sha256sum` writes it
 *     streams/<stream>.tar.s2  a stream, as nats-server packs it
 *     tables/<schema>.<table>.jsonl  a row a line, see `TableDump`
 *     secrets-key              with `--with-key`: the key of sealed secrets, 64 hexadecimal digits
 */
export const MANIFEST = 'manifest.json';
export const MANIFEST_HASH = 'manifest.sha256';
export const KEY_FILE = 'secrets-key';
export const streamFile = (stream: string): string => `streams/${stream}.tar.s2`;
export const tableFile = ({ schema, name }: Pick<TableDescription, 'schema' | 'name'>): string => `tables/${schema}.${name}.jsonl`;

export interface Manifest {
  readonly format: number;
  /** That made the backup. */
  readonly release: string;
  readonly instance_id: string;
  /** When the backup began. What was acknowledged before is in it. */
  readonly created_at: string;
  readonly streams: readonly SavedStream[];
  /** Of the schema `private`, by name. */
  readonly migrations: readonly string[];
  /** The version of each roll-up that has a checkpoint. */
  readonly roll_ups: Readonly<Record<string, number>>;
  readonly tables: readonly (TableDescription & { readonly rows: number })[];
  readonly files: Readonly<Record<string, FileHash>>;
}

export interface SavedStream extends SnapshotHead {
  readonly name: string;
  /** null: the stream names none. */
  readonly incarnation: string | null;
  readonly first_seq: number;
  /** Everything up to here is in the backup. The stream may hold later messages, which were written while it was packed. */
  readonly last_seq: number;
}

export interface FileHash {
  readonly sha256: string;
  readonly bytes: number;
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

export async function hashOfFile(path: string): Promise<FileHash> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
