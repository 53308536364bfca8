import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { spawnRecorded } from '../../libs/runtime/src/child.js';

const AGAIN_MS = 500;

/** A program of this directory, started again whenever it ends, as production does. Below the directory of a `testDir`, which ends what is left. */
export class KeptProcess {
  /** Ends that no fault explains. */
  ownExits = 0;
  private readonly dir: string;
  private readonly config: string;
  private readonly program: string;
  private child: ChildProcess | undefined;
  private gone: Promise<unknown> = Promise.resolve();
  private isKept = false;

  constructor(dir: string, program: string, config: object) {
    this.dir = dir;
    this.program = join(import.meta.dirname, program);
    this.config = join(dir, 'config.json');
    mkdirSync(dir, { recursive: true });
    writeFileSync(this.config, JSON.stringify(config));
  }

  start(): void {
    this.isKept = true;
    const files = { pidFile: join(this.dir, 'pid'), logFile: join(this.dir, 'log') };
    const child = spawnRecorded({ file: process.execPath, args: [this.program, this.config], account: null, ...files });
    this.child = child;
    this.gone = new Promise((resolve) => child.once('exit', resolve));
    child.once('exit', () => {
      if (!this.isKept || this.child !== child) return;
      this.ownExits++;
      setTimeout(() => void (this.isKept && this.child === child && this.start()), AGAIN_MS);
    });
  }

  /** Starts it, and resolves to its exit code when it ended. */
  async once(): Promise<number | null> {
    this.start();
    this.isKept = false;
    await this.gone;
    return this.child?.exitCode ?? null;
  }

  /** SIGKILL; it stays dead for `holdMs`. */
  async killFor(holdMs: number): Promise<void> {
    this.isKept = false;
    this.child?.kill('SIGKILL');
    await this.gone;
    await delay(holdMs);
    this.start();
  }

  async pauseFor(holdMs: number): Promise<void> {
    this.child?.kill('SIGSTOP');
    await delay(holdMs);
    this.child?.kill('SIGCONT');
  }

  /** SIGTERM. Resolves to whether it ended in time; it is killed when it did not. */
  async stop(timeoutMs: number): Promise<boolean> {
    this.isKept = false;
    this.child?.kill('SIGTERM');
    const inTime = await Promise.race([this.gone.then(() => true), delay(timeoutMs, false, { ref: false })]);
    if (!inTime) this.child?.kill('SIGKILL');
    await this.gone;
    return inTime;
  }

  /** The last that it printed. */
  lastWords(): string {
    try {
      return readFileSync(join(this.dir, 'log'), 'utf8').slice(-2_000);
    } catch {
      return '';
    }
  }
}
