import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type FileHash, MANIFEST, MANIFEST_HASH, type Manifest, sha256 } from './manifest.js';
import { BackupRefused } from './refused.js';

const DIR_MODE = 0o700;
const FILE_MODE = 0o600;

/** The directory of a backup that is being made: 0700, each file in it 0600. Without a manifest, which is written last, it is no backup. */
export class BackupDir {
  private readonly files: Record<string, FileHash> = {};

  private constructor(
    readonly path: string,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Makes the directory, or takes one that is empty. Throws `BackupRefused`. `signal`: nothing is written once it is aborted. */
  static make(path: string, signal?: AbortSignal): BackupDir {
    const dir = resolve(path);
    try {
      mkdirSync(dir, { recursive: true, mode: DIR_MODE });
      const [found] = readdirSync(dir);
      if (found !== undefined)
        throw new BackupRefused(
          'backup.directory-not-empty',
          `${dir} is not empty: it holds ${found}.`,
          'Name a directory that is empty or does not exist.',
        );
      chmodSync(dir, DIR_MODE);
      for (const inside of ['streams', 'tables']) mkdirSync(join(dir, inside), { mode: DIR_MODE });
    } catch (error) {
      if (error instanceof BackupRefused) throw error;
      throw new BackupRefused(
        'backup.directory-unusable',
        `${dir} cannot be used: ${(error as Error).message}.`,
        'Name another directory.',
      );
    }
    return new BackupDir(dir, signal);
  }

  /** Writes one file through `fill`, and notes its hash. */
  async write(name: string, fill: (append: (data: Uint8Array | string) => Promise<void>) => Promise<void>): Promise<FileHash> {
    const file = await open(join(this.path, name), 'wx', FILE_MODE);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      await fill(async (data) => {
        this.signal?.throwIfAborted();
        const buffer = Buffer.from(data);
        await file.writeFile(buffer);
        hash.update(buffer);
        bytes += buffer.length;
      });
      await file.sync();
    } finally {
      await file.close();
    }
    return (this.files[name] = { sha256: hash.digest('hex'), bytes });
  }

  /** Writes the manifest. Answers its hash, by which the backup is known. */
  async finish(manifest: Omit<Manifest, 'files'>): Promise<string> {
    const text = `${JSON.stringify({ ...manifest, files: { ...this.files } }, null, 2)}\n`;
    const hash = sha256(text);
    for (const inside of ['streams', 'tables']) await sync(join(this.path, inside));
    await this.write(MANIFEST_HASH, (append) => append(`${hash}  ${MANIFEST}\n`));
    await this.write(MANIFEST, (append) => append(text));
    await sync(this.path);
    await sync(dirname(this.path));
    return hash;
  }

  /** Removes what was written, so that the same command can be given again. */
  discard(): void {
    for (const name of readdirSync(this.path)) rmSync(join(this.path, name), { recursive: true, force: true });
  }
}

async function sync(dir: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(dir, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}
