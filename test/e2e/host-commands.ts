import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

export interface HostCommand {
  readonly child: ChildProcess;
  readonly printed: () => string;
}

/** `npm run backup`, `npm run restore` or `npm run log`, as it is built. */
export function startOnHost(command: 'backup' | 'restore' | 'log', args: readonly string[], env: Record<string, string> = {}): HostCommand {
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, `dist/apps/standalone/src/${command}.js`), ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  return { child, printed: () => text };
}

/** The same, to its end. */
export async function runOnHost(...command: Parameters<typeof startOnHost>): Promise<{ code: number; printed: string }> {
  const { child, printed } = startOnHost(...command);
  const [code] = (await once(child, 'close')) as [number];
  return { code, printed: printed() };
}
