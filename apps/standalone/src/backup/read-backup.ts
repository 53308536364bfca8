import { lstatSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RELEASE } from '@app/kernel';
import { FORMAT, MANIFEST, MANIFEST_HASH, type Manifest, hashOfFile, sha256 } from './manifest.js';
import { stepwise } from './progress.js';
import { BackupRefused } from './refused.js';

/** A backup of which every file was read and is as it was written. */
export interface ReadBackup {
  readonly path: string;
  readonly manifest: Manifest;
  /** Of the manifest, which holds those of all other files. */
  readonly hash: string;
}

/** What this release can take over. */
export interface Known {
  readonly migrations: readonly string[];
  readonly rollUps: Readonly<Record<string, number>>;
}

/** Checks each file of a backup against the manifest, and the manifest against its hash. Changes nothing. Throws `BackupRefused`. */
export async function readBackup(path: string, known: Known, say: (words: string) => void): Promise<ReadBackup> {
  const dir = resolve(path);
  const { manifest, hash } = readManifest(dir);
  assertNotNewer(manifest, known);
  const expected = new Set([...Object.keys(manifest.files), MANIFEST, MANIFEST_HASH]);
  const found = new Set(filesIn(dir));
  for (const file of expected) if (!found.has(file)) throw damaged(`${file} is missing`);
  for (const file of found) if (!expected.has(file)) throw damaged(`it holds ${file}, which is not part of it`);
  for (const [file, { sha256: wanted, bytes }] of Object.entries(manifest.files)) {
    const step = stepwise(say, file);
    const is = await hashOfFile(join(dir, file));
    if (is.sha256 !== wanted || is.bytes !== bytes)
      throw damaged(`${file} is not what was saved: it has ${is.bytes} bytes and the SHA-256 ${is.sha256}, not ${bytes} and ${wanted}`);
    step.add(is.bytes);
    step.end('is as it was saved');
  }
  return { path: dir, manifest, hash };
}

function readManifest(dir: string): { manifest: Manifest; hash: string } {
  let text: string;
  let noted: string;
  try {
    text = readFileSync(join(dir, MANIFEST), 'utf8');
    noted = readFileSync(join(dir, MANIFEST_HASH), 'utf8');
  } catch (error) {
    throw new BackupRefused(
      'restore.no-backup',
      `${dir} is no whole backup: ${(error as Error).message}.`,
      'Name the directory that `npm run backup` wrote to its end.',
    );
  }
  const hash = sha256(text);
  if (noted !== `${hash}  ${MANIFEST}\n`) throw damaged(`${MANIFEST} has the SHA-256 ${hash}, and ${MANIFEST_HASH} says another`);
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.format !== FORMAT) throw newer(manifest, `its format is ${manifest.format}, and this release reads ${FORMAT}`);
  return { manifest, hash };
}

/** Newer data in the hands of an older release would be read wrongly, or not at all. */
function assertNotNewer(manifest: Manifest, { migrations, rollUps }: Known): void {
  if (isNewer(manifest.release, RELEASE)) throw newer(manifest, `this is release ${RELEASE}`);
  const migration = manifest.migrations.find((name) => !migrations.includes(name));
  if (migration !== undefined) throw newer(manifest, `this release does not know the migration ${migration}`);
  for (const [table, version] of Object.entries(manifest.roll_ups)) {
    const has = rollUps[table] ?? 0;
    if (version > has) throw newer(manifest, `its roll-up ${table} has version ${version}, and this release has ${has || 'none'}`);
  }
}

function isNewer(release: string, own: string): boolean {
  const [a, b] = [release, own].map((one) => one.split(/[.-]/).slice(0, 3).map(Number)) as [number[], number[]];
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
}

function filesIn(dir: string, below = ''): string[] {
  return readdirSync(join(dir, below)).flatMap((name) => {
    const file = below === '' ? name : `${below}/${name}`;
    const is = lstatSync(join(dir, file));
    if (is.isDirectory()) return filesIn(dir, file);
    if (!is.isFile()) throw damaged(`${file} is no regular file`);
    return [file];
  });
}

const damaged = (why: string): BackupRefused =>
  new BackupRefused(
    'restore.damaged',
    `The backup is damaged: ${why}. Nothing was changed.`,
    'Restore another copy of it, or another backup.',
  );

const newer = ({ release }: Manifest, why: string): BackupRefused =>
  new BackupRefused(
    'restore.newer-release',
    `A newer release, ${String(release)}, made the backup: ${why}. Nothing was changed.`,
    'Restore it with the release that made it, or a later one.',
  );
