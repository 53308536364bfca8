import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { spawnRecorded } from '../src/child.js';
import { natsAnswers } from '../src/nats.js';
import type { NatsUsers } from '../src/nats-users.js';
import type { Missing, Program } from '../src/programs/program.js';
import { eventually } from '../src/wait.js';
import { fromSharedServers } from './shared-servers.js';

export const READY_DEADLINE_MS = 20_000;
export const PASSWORDS: NatsUsers = { admin: 'test-admin', app: 'test-app', reader: 'test-reader' };

/** The nats-server of this run. */
export async function natsProgram(): Promise<Program> {
  const program = await fromSharedServers<Program | Missing>('/nats-server');
  if ('missing' in program) throw new Error(program.missing);
  return program;
}

/** One nats-server, in a directory of its own, run as often as a test likes. */
export class NatsProcess {
  readonly dir: string;
  readonly storeDir: string;
  readonly confFile: string;
  private readonly program: Program;
  private readonly files: { readonly pidFile: string; readonly logFile: string };
  private server: ChildProcess | undefined;

  /** `dir`: below that of a `testDir`, which ends what was forgotten here. */
  constructor(program: Program, dir: string) {
    this.program = program;
    this.dir = dir;
    this.storeDir = join(dir, 'store');
    this.confFile = join(dir, 'nats.conf');
    this.files = { pidFile: join(dir, 'pid'), logFile: join(dir, 'log') };
    mkdirSync(this.storeDir, { recursive: true });
  }

  get pid(): number {
    return this.server?.pid ?? 0;
  }

  start(args: readonly string[] = ['-c', this.confFile]): void {
    this.server = spawnRecorded({ file: this.program.file, args, account: null, ...this.files });
  }

  /** Resolves when it is gone; at once when it does not run. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const running = this.server;
    this.server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
    rmSync(this.files.pidFile, { force: true });
  }

  /** Throws with its last words when it does not answer in time. */
  async ready(monitorUrl: string): Promise<void> {
    if (!(await eventually(() => natsAnswers(monitorUrl).catch(() => false), READY_DEADLINE_MS))) throw this.failed('does not answer');
  }

  failed(what: string): Error {
    return new Error(`nats-server ${what}: ${readFileSync(this.files.logFile, 'utf8').slice(-500)}`);
  }
}
