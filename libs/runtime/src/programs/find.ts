import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { RuntimeLog } from '../contract.js';
import { fetchByApt } from './fetch-apt.js';
import { fetchRelease } from './fetch-release.js';
import { examine, type Fetching, isOlder, KNOWN, lowest, type Missing, type Program, type ProgramName } from './program.js';

/** After fetching failed it is not tried again for so long: a start without network must not wait for it each time. */
const RETRY_AFTER_MS = 60 * 60_000;

export interface FindOptions {
  /** Where fetched programs are kept: looked through in this order, and the first that can be written gets new ones. */
  readonly cacheDirs: readonly string[];
  readonly log: RuntimeLog;
  /** Whether to fetch even though that failed a moment ago. */
  readonly insist?: boolean;
  /** Aborted: fetching is broken off. */
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Where programs come from, in this order. */
  readonly sources?: readonly Source[];
}
/** @returns the program, or why there is none */
export type Source = (fetching: Fetching) => Promise<Program | string>;

/**
 * Finds a server program, or fetches it: the environment variable, PATH, the cache, the archive of Debian, the project's
 * release. One in the cache that is stale is fetched anew; it is taken as it is when that fails or brings an older one. What was asked for by name and will not do is not replaced by something else.
 */
export async function findProgram(name: ProgramName, options: FindOptions): Promise<Program | Missing> {
  const known = KNOWN[name];
  const env = options.env ?? process.env;
  const asked = env[known.env];
  if (asked) {
    const examined = await examine(name, { file: asked });
    return 'version' in examined ? { file: asked, ...examined } : { missing: `${known.env} will not do: ${examined.unfit}.` };
  }
  const found = await onPath(name, env, options.log);
  if (found !== null) return found;
  const cached = await inCache(name, options.cacheDirs);
  if (cached !== null) return cached.isStale ? refreshed(cached, name, options) : cached.program;
  const cacheDir = options.cacheDirs.find(writable);
  const whyNot = cacheDir === undefined ? 'no directory to keep it in' : await fetchInto(cacheDir, name, options);
  if (typeof whyNot !== 'string') return whyNot;
  return { missing: `No ${lowest(name)} was found, and none could be fetched (${whyNot}). Install one, or name it in ${known.env}.` };
}

async function onPath(name: ProgramName, env: NodeJS.ProcessEnv, log: RuntimeLog): Promise<Program | null> {
  const dirs = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin'];
  for (const { command } of KNOWN[name].onPath) {
    for (const file of new Set(dirs.map((dir) => join(dir, command)))) {
      if (!existsSync(file)) continue;
      const examined = await examine(name, { file });
      if ('version' in examined) return { file, ...examined };
      log('info', `Not used: ${examined.unfit}.`);
    }
  }
  return null;
}

const KIND = `${process.platform}-${process.arch}`;

interface Cached {
  readonly program: Program;
  readonly cacheDir: string;
  readonly isStale: boolean;
}

async function inCache(name: ProgramName, cacheDirs: readonly string[]): Promise<Cached | null> {
  for (const cacheDir of cacheDirs) {
    const tree = join(cacheDir, `${name}-${KIND}`);
    try {
      const { file, libraries } = JSON.parse(readFileSync(join(tree, 'program.json'), 'utf8')) as { file: string; libraries?: string[] };
      const program = { file: join(tree, file), ...(libraries === undefined ? {} : { tree, libraries }) };
      const examined = await examine(name, program);
      if (!('version' in examined)) continue;
      const isStale = statSync(join(tree, 'program.json')).mtimeMs < Date.now() - KNOWN[name].staleAfterMs;
      return { program: { ...program, ...examined }, cacheDir, isStale };
    } catch {
      // not there
    }
  }
  return null;
}

/** A failure is remembered as any other, so a start without network waits for it once an hour and not each time. */
async function refreshed({ program, cacheDir }: Cached, name: ProgramName, options: FindOptions): Promise<Program> {
  if (!writable(cacheDir)) return program;
  const newer = await fetchInto(cacheDir, name, { ...options, insist: false }, program.version);
  if (typeof newer !== 'string') return newer;
  options.log('info', `${program.file} was fetched long ago and stays as it is: ${newer}.`);
  return program;
}

/** Fetches into the cache in one step: two that fetch at once never see half of the other's. */
async function fetchInto(cacheDir: string, name: ProgramName, options: FindOptions, least?: string): Promise<Program | string> {
  const { log, signal, insist = false, sources = [fetchByApt, fetchRelease] } = options;
  const failure = join(cacheDir, `${name}.unavailable`);
  if (!insist && (statSync(failure, { throwIfNoEntry: false })?.mtimeMs ?? 0) > Date.now() - RETRY_AFTER_MS) {
    return `${readFileSync(failure, 'utf8')}; this is tried again after an hour, or when ${failure} is removed`;
  }
  removeLeftovers(cacheDir);
  const scratch = mkdtempSync(join(tmpdir(), 'clawbutler-fetch-'));
  const partial = mkdtempSync(join(cacheDir, 'partial-'));
  const fetching = { name, into: partial, signal, say: (line: string): void => log('info', line) };
  try {
    const whyNot: string[] = [];
    for (const [i, source] of sources.entries()) {
      const program = await source({ ...fetching, scratch: join(scratch, String(i)) });
      if (typeof program === 'string') whyNot.push(program);
      else if (least !== undefined && isOlder(program.version, least)) whyNot.push(`${program.version} is older than ${least}`);
      else return keep(cacheDir, name, partial, program);
    }
    if (!signal?.aborted) writeFileSync(failure, whyNot.join('; '));
    return whyNot.join('; ');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(partial, { recursive: true, force: true });
  }
}

function keep(cacheDir: string, name: ProgramName, partial: string, { file, libraries, version }: Program): Program {
  const relative = file.slice(partial.length + 1);
  writeFileSync(join(partial, 'program.json'), JSON.stringify({ file: relative, version, libraries }));
  const tree = join(cacheDir, `${name}-${KIND}`);
  rmSync(join(cacheDir, `${name}.unavailable`), { force: true });
  chmodSync(partial, 0o755);
  rmSync(tree, { recursive: true, force: true }); // one that will not do
  try {
    renameSync(partial, tree);
  } catch (error) {
    if (!existsSync(tree)) throw error; // else someone else was first, with the same
  }
  return { file: join(tree, relative), version, ...(libraries === undefined ? {} : { tree, libraries }) };
}

function writable(dir: string): boolean {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a fetch that was killed left in the cache; younger ones may be under way. */
function removeLeftovers(cacheDir: string): void {
  for (const entry of readdirSync(cacheDir).filter((each) => each.startsWith('partial-'))) {
    const path = join(cacheDir, entry);
    if (statSync(path).mtimeMs < Date.now() - RETRY_AFTER_MS) rmSync(path, { recursive: true, force: true });
  }
}
