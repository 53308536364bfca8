import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './programs/program.js';
import { type Account, reaches } from './run-as.js';

/**
 * A copy of a program that the account cannot reach where it is (below a 0700 home), in a directory that only we can write.
 * Made once per version; older versions go.
 * @param from a directory or a file
 */
export function privateCopy(from: string, binDir: string, name: string, version: string): string {
  const copy = join(binDir, `${name}-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(binDir, { recursive: true, mode: 0o755 });
  for (const old of readdirSync(binDir).filter((each) => each.startsWith(`${name}-`))) rmSync(join(binDir, old), { recursive: true });
  const partial = mkdtempSync(join(binDir, `${name}-partial-`));
  cpSync(from, join(partial, 'copy'), { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', partial]); // a strict umask made the original ours alone
  renameSync(join(partial, 'copy'), copy);
  rmSync(partial, { recursive: true });
  return copy;
}

/** The program as the account can run it. */
export function reachable(program: Program, name: string, binDir: string, account: Account | null): Program {
  if (reaches(account, program.file)) return program;
  const { tree, file, version } = program;
  if (tree === undefined) return { ...program, file: privateCopy(file, binDir, name, version) };
  const copy = privateCopy(tree, binDir, name, version);
  return { ...program, tree: copy, file: join(copy, file.slice(tree.length)) };
}
