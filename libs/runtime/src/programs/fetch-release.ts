import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { examine, type Fetching, KNOWN, type Program, run } from './program.js';

const DOWNLOAD_TIMEOUT_MS = 120_000;

/**
 * The project's own release archive; its SHA-256 must be the one in `KNOWN`, which no download can change.
 * @returns the program, or why there is none
 */
export async function fetchRelease({ name, into, scratch, say, signal }: Fetching): Promise<Program | string> {
  const { release } = KNOWN[name];
  if (release === undefined) return 'release: none for this program';
  if (release.sha256 === undefined) return `release: no SHA-256 is known of ${release.archive}`;
  say(`Fetching ${release.archive} ...`);
  try {
    const archive = await download(release.archive, signal);
    const digest = createHash('sha256').update(archive).digest('hex');
    if (digest !== release.sha256) return `release: ${release.archive} has SHA-256 ${digest}, and ${release.sha256} is expected`;
    mkdirSync(scratch, { recursive: true });
    writeFileSync(join(scratch, 'archive.tgz'), archive);
    const unpacked = await run('tar', ['-xzf', 'archive.tgz'], { timeoutMs: 60_000, cwd: scratch, signal });
    if (!unpacked.ok) return `release: ${unpacked.output.trim()}`;
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    return `release: ${message}${cause?.code === undefined ? '' : ` (${cause.code})`}`;
  }
  const program = { file: join(into, name) };
  copyFileSync(join(scratch, release.file), program.file);
  const examined = await examine(name, program);
  return 'unfit' in examined ? `release: ${examined.unfit}` : { ...program, ...examined };
}

async function download(url: string, interrupt?: AbortSignal): Promise<Buffer> {
  const timeout = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const response = await fetch(url, { signal: interrupt === undefined ? timeout : AbortSignal.any([timeout, interrupt]) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
