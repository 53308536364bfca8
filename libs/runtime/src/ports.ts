import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { RuntimeLog } from './contract.js';
import { writeWhole } from './files.js';

/** Below what kernels hand to outgoing connections (32768 and up), so that none of those sits on a port while its server is down. */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
/** Given out by this process, perhaps not listened on yet. */
const givenOut = new Set<number>();

/**
 * The loopback port of a server, the same at each start, so that clients outside find it again. Where something else has
 * taken it meanwhile another one is chosen, remembered and told.
 */
export async function rememberedPort(file: string, what: string, log: RuntimeLog): Promise<number> {
  const before = remembered(file);
  if (before !== null && (await isFree(before))) return before;
  const port = await freePort();
  if (before !== null) log('warn', `Port ${before}, which ${what} had so far, is taken: it listens on ${port} from now on.`);
  writeWhole(file, String(port), 0o600);
  return port;
}

function remembered(file: string): number | null {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (givenOut.has(port) || !(await isFree(port))) continue;
    givenOut.add(port);
    return port;
  }
  throw new Error(`no free port between ${FIRST_PORT} and ${LAST_PORT}`);
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((answer) => {
    const probe = createServer();
    probe.once('error', () => answer(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => answer(true)));
  });
