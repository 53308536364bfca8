import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, copyFileSync, ftruncateSync, openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildState, type ChildStatus, type RuntimeLog, type ServerName, StartRefused } from './contract.js';
import { RECORD_SELF } from './process-record.js';
import type { Account } from './run-as.js';
import { eventually } from './wait.js';

/** How one server is run. */
export interface ChildSpec {
  readonly name: ServerName;
  /** What people call the program, for messages. */
  readonly title: string;
  readonly file: string;
  /** No secrets: everybody on the machine can read them. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly account: Account | null;
  readonly pidFile: string;
  readonly logFile: string;
  /** The signal that asks for an orderly end. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** Called before each spawn. */
  readonly prepare?: () => void;
  /** Whether it answers. May throw: that is a no. */
  readonly answers: () => Promise<boolean>;
  /** Asked every few seconds while it is ready: why only a restart helps it, in a sentence; undefined: nothing is wrong. */
  readonly stuck?: () => Promise<string | undefined>;
  /** STUCK_CHECK_MS, unless a test wants it shorter. */
  readonly stuckEveryMs?: number;
}

const BACKOFF_MS = { first: 250, longest: 10_000 };
/** A run that was ready for so long makes the next back-off start small again. */
const STABLE_MS = 30_000;
/** A big log is read back at start. */
const READY_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 30_000;
/** How often the first start is tried: a server killed a moment ago may still hold its port or shared memory. */
const FIRST_ATTEMPTS = 5;
const STUCK_CHECK_MS = 5_000;
const LOG_LIMIT_BYTES = 16 << 20;
const LOG_CHECK_MS = 60_000;

/**
 * One server, kept running.
 *
 *     starting ─ answers ──▶ ready ─ ends ──▶ waiting ─ back-off over ──▶ starting
 *     ready ─ only a restart helps it ──▶ ends
 *     starting ─ ends, or does not answer within 120 s ──▶ waiting
 *     any ─ stop() ──▶ stopping ─ gone ──▶ stopped
 *
 * It runs in a session of its own, so that Ctrl-C in the terminal ends us and not it, and writes to a file, so that it
 * outlives us without losing its output. What a killed predecessor left running is for
 * stopOrphan(), before there is a child. The first start is given up after five attempts; from then on there is no giving up.
 */
export class SupervisedChild {
  private readonly spec: ChildSpec;
  private readonly log: RuntimeLog;
  private readonly stopAsked = new AbortController();
  private state: ChildState = 'stopped';
  private since = new Date();
  private starts = 0;
  private lastExit: string | undefined;
  private process: ChildProcess | undefined;
  private supervision: Promise<void> | undefined;
  private logTimer: NodeJS.Timeout | undefined;
  private isLogTrouble = false;

  constructor(spec: ChildSpec, log: RuntimeLog) {
    this.spec = spec;
    this.log = log;
  }

  status(): ChildStatus {
    return {
      name: this.spec.name,
      state: this.state,
      ...(this.process?.pid === undefined ? {} : { pid: this.process.pid }),
      restarts: Math.max(0, this.starts - 1),
      since: this.since,
      ...(this.lastExit === undefined ? {} : { lastExit: this.lastExit }),
      logFile: this.spec.logFile,
    };
  }

  /**
   * Resolves when it answers for the first time.
   * @throws StartRefused `runtime.server-failed`
   */
  async start(): Promise<void> {
    this.logTimer = setInterval(() => this.limitLog(), LOG_CHECK_MS).unref();
    const first = Promise.withResolvers<void>();
    this.supervision = this.supervise(first);
    try {
      await first.promise;
    } catch (error) {
      clearInterval(this.logTimer);
      this.enter('stopped');
      throw error;
    }
  }

  /** Resolves when it is gone: after the stop signal, or 30 s later by SIGKILL. */
  async stop(): Promise<void> {
    this.stopAsked.abort();
    clearInterval(this.logTimer);
    const running = this.process;
    if (running !== undefined) {
      this.enter('stopping');
      running.kill(this.spec.stopSignal);
      const kill = setTimeout(() => {
        this.log('warn', `${this.spec.title} did not stop within ${STOP_DEADLINE_MS / 1000} s and is killed.`);
        running.kill('SIGKILL');
      }, STOP_DEADLINE_MS);
      await this.supervision;
      clearTimeout(kill);
    }
    await this.supervision;
    this.enter('stopped');
  }

  private async supervise(first: PromiseWithResolvers<void>): Promise<void> {
    let backoffMs = BACKOFF_MS.first;
    let wasReady = false;
    while (!this.stopAsked.signal.aborted) {
      const onReady = (): void => {
        wasReady = true;
        first.resolve();
      };
      const { readyForMs, output } = await this.run(onReady).catch((error: Error) => ({ readyForMs: 0, output: error.message }));
      if (this.stopAsked.signal.aborted) break;
      if (!wasReady && this.starts >= FIRST_ATTEMPTS) return first.reject(this.failed(output));
      if (readyForMs >= STABLE_MS) backoffMs = BACKOFF_MS.first;
      this.enter('waiting');
      const said = output === '' ? '' : ` It said: ${output}`;
      this.log('warn', `${this.spec.title} ended (${this.lastExit}); it is started again in ${backoffMs / 1000} s.${said}`);
      await delay(backoffMs, undefined, { signal: this.stopAsked.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.longest);
    }
    first.reject(this.failed('it was told to stop'));
  }

  /** One life, from spawn to end. */
  private async run(onReady: () => void): Promise<{ readyForMs: number; output: string }> {
    this.spec.prepare?.();
    this.starts++;
    this.enter('starting');
    this.limitLog();
    const logFrom = sizeOf(this.spec.logFile);
    const child = spawnRecorded(this.spec);
    this.process = child;
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`));
    });
    let over = false;
    void ended.then(() => (over = true));
    let readyAt = Infinity;
    const answered = await eventually(async () => over || (await this.spec.answers().catch(() => false)), READY_DEADLINE_MS);
    if (!answered) child.kill('SIGKILL');
    else if (!over && !this.stopAsked.signal.aborted) {
      readyAt = performance.now();
      this.enter('ready');
      if (this.starts > 1) this.log('info', `${this.spec.title} answers again (process ${child.pid}).`);
      onReady();
      void this.watch(child, ended);
    }
    this.lastExit = await ended;
    this.process = undefined;
    return { readyForMs: performance.now() - readyAt, output: lastLine(this.spec.logFile, logFrom) };
  }

  /** Ends a server that only a restart helps, so that it is started again. */
  private async watch(child: ChildProcess, ended: Promise<string>): Promise<void> {
    const { stuck, stuckEveryMs = STUCK_CHECK_MS, title, stopSignal } = this.spec;
    if (stuck === undefined) return;
    const over = new AbortController();
    void ended.then(() => over.abort());
    while (!over.signal.aborted && !this.stopAsked.signal.aborted) {
      await delay(stuckEveryMs, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
      const why = over.signal.aborted ? undefined : await stuck().catch(() => undefined);
      if (why === undefined || this.stopAsked.signal.aborted) continue;
      this.log('warn', `${title} is restarted: ${why}`);
      child.kill(stopSignal);
      setTimeout(() => over.signal.aborted || child.kill('SIGKILL'), STOP_DEADLINE_MS).unref();
      return;
    }
  }

  /** A disk that is full ends neither us nor the server. */
  private limitLog(): void {
    try {
      limitLog(this.spec.logFile);
    } catch (error) {
      if (!this.isLogTrouble) this.log('warn', `The log of ${this.spec.title} is not kept whole: ${(error as Error).message}.`);
      this.isLogTrouble = true;
    }
  }

  private failed(output: string): StartRefused {
    return new StartRefused(
      'runtime.server-failed',
      `${this.spec.title} does not start: ${[this.lastExit, output].filter(Boolean).join(': ')}.`,
      `Its output is in ${this.spec.logFile}.`,
    );
  }

  private enter(state: ChildState): void {
    this.state = state;
    this.since = new Date();
  }
}

/** The shell records itself in the pid file and becomes the server: no server runs that the file does not name. */
export function spawnRecorded({
  file,
  args,
  env,
  account,
  pidFile,
  logFile,
}: Pick<ChildSpec, 'file' | 'args' | 'env' | 'account' | 'pidFile' | 'logFile'>): ChildProcess {
  const output = openSync(logFile, 'a', 0o600);
  const record = openSync(pidFile, 'w', 0o600);
  try {
    return spawn('/bin/sh', ['-c', `${RECORD_SELF}; exec "$@"`, 'sh', file, ...args], {
      detached: true,
      stdio: ['ignore', output, output, record],
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...env },
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    });
  } finally {
    closeSync(output);
    closeSync(record);
  }
}

/** The server has the file open to append, so a log that is too big is copied away and emptied in place, copied or not. */
function limitLog(logFile: string): void {
  if (sizeOf(logFile) < LOG_LIMIT_BYTES) return;
  try {
    copyFileSync(logFile, `${logFile}.1`);
  } finally {
    const file = openSync(logFile, 'r+');
    ftruncateSync(file);
    closeSync(file);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function lastLine(logFile: string, from: number): string {
  const lines = readFileSync(logFile).subarray(from).toString().trim().split('\n');
  return (lines.findLast((line) => /error|fatal|panic/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}
