import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnRecorded } from '../src/child.js';
import { rememberedPort } from '../src/ports.js';
import { libraryEnv, type Missing, type Program } from '../src/programs/program.js';
import { valkeyAnswers, valkeyConf } from '../src/valkey.js';
import { eventually } from '../src/wait.js';
import { fromSharedServers } from './shared-servers.js';
import { testDir } from './cleaner.js';

export interface TestValkey {
  /** `redis://:password@127.0.0.1:port`. */
  readonly url: string;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. Resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const READY_DEADLINE_MS = 20_000;

/** A Valkey (or Redis) of one's own on a free loopback port. */
export async function startTestValkey(): Promise<TestValkey> {
  const program = await fromSharedServers<Program | Missing>('/valkey-server');
  if ('missing' in program) throw new Error(program.missing);
  const dir = testDir();
  const own = join(dir.path, 'valkey');
  mkdirSync(own);
  const files = { conf: join(own, 'valkey.conf'), pidFile: join(own, 'pid'), logFile: join(own, 'log') };
  const password = randomBytes(8).toString('hex');
  const port = await rememberedPort(join(own, 'port'), 'Valkey', () => undefined);
  writeFileSync(files.conf, valkeyConf({ port, password, dir: own }));
  let server: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    server = spawnRecorded({ file: program.file, args: [files.conf], env: libraryEnv(program), account: null, ...files });
    if (await eventually(() => valkeyAnswers(port, password), READY_DEADLINE_MS)) return;
    throw new Error(`valkey-server does not answer: ${readFileSync(files.logFile, 'utf8').slice(-500)}`);
  };
  const kill = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
    rmSync(files.pidFile, { force: true });
  };
  await start();
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    kill,
    restart: async () => {
      await kill();
      await start();
    },
    stop: async () => {
      await kill();
      await dir.remove();
    },
  };
}
