import { execFile } from 'node:child_process';
import type { Account } from '../run-as.js';

export type ProgramName = 'nats-server' | 'valkey-server';

/** A server program that runs here. */
export interface Program {
  readonly file: string;
  readonly version: string;
  /** The directory it needs beside it, libraries and all; absent where the file stands alone. */
  readonly tree?: string;
  /** Directories within `tree` with libraries that this machine lacks. */
  readonly libraries?: readonly string[];
}

/** No program, why, and what would help: a sentence. */
export interface Missing {
  readonly missing: string;
}

type Version = readonly [number, number, number];

/** One way to have the program: under these names on PATH, in this version at least. */
export interface Known {
  readonly title: string;
  /** Environment variable that names the file. */
  readonly env: string;
  readonly onPath: readonly { readonly command: string; readonly min: Version }[];
  readonly version: RegExp;
  readonly apt?: {
    readonly package: string;
    /** The first whose package is new enough is taken. */
    readonly suites: readonly string[];
    readonly file: string;
    /** Whether libraries that this machine lacks must come along. */
    readonly closure: boolean;
  };
  readonly release?: {
    readonly archive: string;
    /** Of the archive; absent: none is known for this platform, and nothing is fetched. */
    readonly sha256?: string | undefined;
    readonly file: string;
  };
  /** Fetched programs are taken for so long; then a newer one is looked for. */
  readonly staleAfterMs: number;
}

const NATS_RELEASE = '2.14.0';
/** SHA-256 of the archives of NATS_RELEASE. Change both together; never take them from where the archive comes from at run time. */
const NATS_SHA256: Readonly<Record<string, string>> = {
  'linux-amd64': '3d8b74dfad39af184c765a6dd120441ed1c648d6672eddf6b304f222661251b8',
  'linux-arm64': 'ce7dc5f7d97b70dabc38b13157fed28d7d06227860676143c15c62c5c297996c',
  'darwin-amd64': 'c307afaa5810dea24bfe5bb0cd895ddc7c47946f359823336ef3be1a41bdddfa',
  'darwin-arm64': '36f28cf166e5ae5dd88d700a609c810b97ffad641e0c51b49cf8fae25fb3fac7',
};
/** The archive of Debian has fixes about as often. */
const STALE_AFTER_MS = 30 * 24 * 60 * 60_000;
const natsPlatform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const natsDownloads = `https://github.com/nats-io/nats-server/releases/download/v${NATS_RELEASE}`;

export const KNOWN: Readonly<Record<ProgramName, Known>> = {
  'nats-server': {
    title: 'nats-server',
    env: 'NATS_SERVER_BIN',
    // 2.12: atomic batches
    onPath: [{ command: 'nats-server', min: [2, 12, 0] }],
    version: /v?(\d+)\.(\d+)\.(\d+)/,
    // Debian drops a version from its pool when the next one comes, so none is pinned
    apt: { package: 'nats-server', suites: ['trixie-backports', 'forky', 'sid'], file: 'usr/sbin/nats-server', closure: false },
    release: {
      archive: `${natsDownloads}/nats-server-v${NATS_RELEASE}-${natsPlatform}.tar.gz`,
      sha256: NATS_SHA256[natsPlatform],
      file: `nats-server-v${NATS_RELEASE}-${natsPlatform}/nats-server`,
    },
    staleAfterMs: STALE_AFTER_MS,
  },
  'valkey-server': {
    title: 'Valkey',
    env: 'VALKEY_SERVER_BIN',
    onPath: [
      { command: 'valkey-server', min: [7, 2, 0] },
      { command: 'redis-server', min: [6, 2, 0] },
    ],
    version: /v=(\d+)\.(\d+)\.(\d+)/,
    apt: { package: 'valkey-server', suites: ['bookworm-backports', 'trixie', 'forky'], file: 'usr/bin/valkey-server', closure: true },
    staleAfterMs: STALE_AFTER_MS,
  },
};

/** The lowest version that will do, whatever the command is called. */
export const lowest = (name: ProgramName): string =>
  KNOWN[name].onPath.map(({ command, min }) => `${command} >= ${min.join('.')}`).join(' or ');

/** The version a program says it is, where that will do; else a phrase that says why it will not. */
export async function examine(name: ProgramName, program: Omit<Program, 'version'>): Promise<{ version: string } | { unfit: string }> {
  const known = KNOWN[name];
  const ran = await run(program.file, ['--version'], { timeoutMs: 10_000, env: libraryEnv(program) });
  const found = ran.ok ? known.version.exec(ran.output) : null;
  if (!found) return { unfit: `${program.file} does not run here (${ran.output.trim().split('\n').at(-1) || 'no version'})` };
  const version: Version = [Number(found[1]), Number(found[2]), Number(found[3])];
  const { min } = known.onPath.find(({ command }) => program.file.endsWith(`/${command}`)) ?? known.onPath[0]!;
  if (older(version, min)) return { unfit: `${program.file} is ${version.join('.')}, ${min.join('.')} is needed` };
  return { version: version.join('.') };
}

const partsOf = (version: string): Version => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [major, minor, patch];
};
/** Whether a version is before another, both as `examine` says them. */
export const isOlder = (a: string, b: string): boolean => older(partsOf(a), partsOf(b));

export const older = (a: Version, b: Version): boolean => (a[0] - b[0] || a[1] - b[1] || a[2] - b[2]) < 0;

/** What a program's process needs in its environment to find its libraries. */
export const libraryEnv = ({ tree, libraries = [] }: Omit<Program, 'version' | 'file'>): Record<string, string> =>
  libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.map((dir) => `${tree}/${dir}`).join(':') };

export interface RunOptions {
  readonly timeoutMs: number;
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly account?: Account | null;
  /** Aborted: the command is ended. */
  readonly signal?: AbortSignal | undefined;
}

/** Runs a command to its end. `output` is what it said, or why it did not run. */
export function run(file: string, args: readonly string[], options: RunOptions): Promise<{ ok: boolean; output: string }> {
  const { timeoutMs, cwd, env, account = null, signal } = options;
  const as = account === null ? {} : { uid: account.uid, gid: account.gid };
  const common = { timeout: timeoutMs, cwd, signal, maxBuffer: 64 << 20, encoding: 'utf8' as const, ...as };
  return new Promise((resolve) => {
    execFile(file, args, { ...common, env: { ...process.env, LC_ALL: 'C', ...env } }, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`;
      resolve({ ok: error === null, output: said.trim() === '' && error !== null ? error.message : said });
    });
  });
}

/** One attempt to fetch a program. */
export interface Fetching {
  readonly name: ProgramName;
  /** An empty directory, which gets the program and what it needs. */
  readonly into: string;
  /** For what is only needed meanwhile; may not exist yet. */
  readonly scratch: string;
  readonly say: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}
