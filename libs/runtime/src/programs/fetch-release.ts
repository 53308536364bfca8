import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { examine, type Known, type Program, type ProgramName, run } from './program.js';

const DOWNLOAD_TIMEOUT_MS = 120_000;

/**
 * The project's own release archive; its SHA-256 must be the one in the release's list.
 * @param into an empty directory, which gets the program
 * @returns the program in `into`, or why there is none
 */
export async function fetchRelease(
  name: ProgramName,
  release: Known['release'],
  into: string,
  scratch: string,
  log: (line: string) => void,
): Promise<Program | string> {
  if (release === undefined) return 'release: none for this program';
  log(`Fetching ${release.archive} ...`);
  try {
    const [sums, archive] = await Promise.all([download(release.sums), download(release.archive)]);
    const digest = createHash('sha256').update(archive).digest('hex');
    const listed = sums
      .toString()
      .split('\n')
      .map((line) => line.trim().split(/\s+\*?/));
    const wanted = listed.find(([, file]) => file === basename(release.archive))?.[0];
    if (wanted !== digest) return `release: ${release.archive} has SHA-256 ${digest}, its list says ${wanted}`;
    mkdirSync(scratch, { recursive: true });
    writeFileSync(join(scratch, 'archive.tgz'), archive);
    const unpacked = await run('tar', ['-xzf', 'archive.tgz'], { timeoutMs: 60_000, cwd: scratch });
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

async function download(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
