import { connect } from 'node:net';
import { join } from 'node:path';
import type { RuntimeLog } from './contract.js';
import { SupervisedChild } from './child.js';
import { ownedDir, writeConfiguration } from './files.js';
import { stopOrphan } from './orphan.js';
import { rememberedPort } from './ports.js';
import { libraryEnv, type Program } from './programs/program.js';
import type { Account } from './run-as.js';

/** It counts requests and remembers for moments; nothing in it has to survive. */
const MAX_MEMORY = '64mb';
const PROBE_TIMEOUT_MS = 1_000;

export function valkeyConf({ port, password, dir }: { port: number; password?: string; dir: string }): string {
  return `bind 127.0.0.1
port ${port}
${password === undefined ? 'protected-mode no' : `requirepass ${password}`}
dir ${JSON.stringify(dir)}
save ""
appendonly no
maxmemory ${MAX_MEMORY}
maxmemory-policy volatile-ttl
`;
}

/** Whether the server on this port lets us in and answers. */
export function valkeyAnswers(port: number, password?: string): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const done = (yes: boolean): void => {
      socket.destroy();
      answer(yes);
    };
    let said = '';
    socket
      .setTimeout(PROBE_TIMEOUT_MS, () => done(false))
      .once('error', () => done(false))
      .once('close', () => done(false));
    socket.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes('+PONG')) done(true);
      else if (said.startsWith('-')) done(false);
    });
    socket.write(`${password === undefined ? '' : `AUTH ${password}\r\n`}PING\r\n`);
  });
}

export interface EmbeddedValkey {
  readonly child: SupervisedChild;
  readonly url: string;
}

/** Valkey (or Redis) in `dir`, not started yet. */
export async function embeddedValkey(
  program: Program,
  { dir, account, secret, log }: { dir: string; account: Account | null; secret: (name: string) => string; log: RuntimeLog },
): Promise<EmbeddedValkey> {
  const workDir = join(dir, 'work');
  ownedDir(workDir, account);
  const identity = { name: 'valkey', title: 'Valkey', account, pidFile: join(dir, 'pid'), stopSignal: 'SIGTERM' } as const;
  await stopOrphan(identity, log);
  const port = await rememberedPort(join(dir, 'port'), 'Valkey', log);
  const password = secret('valkey');
  const conf = join(dir, 'valkey.conf');
  writeConfiguration(conf, valkeyConf({ port, password, dir: workDir }), account);
  const child = new SupervisedChild(
    {
      ...identity,
      file: program.file,
      args: [conf],
      env: libraryEnv(program),
      logFile: join(dir, 'valkey.log'),
      answers: () => valkeyAnswers(port, password),
    },
    log,
  );
  return { child, url: `redis://:${password}@127.0.0.1:${port}` };
}
