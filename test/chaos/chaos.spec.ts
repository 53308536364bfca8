import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../e2e/system.js';
import { familyOf } from './site.js';

/** How long faults happen in each mode, seconds. Starting, recovering and judging come on top, 20 s or so. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? (process.env['CI'] ? 60 : 20));
const AROUND_MS = 400_000;
const ROOT = join(import.meta.dirname, '../..');

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'clawbutler-chaos-report-'))));
afterEach(() => rmSync(dir, { recursive: true }));

interface Ran {
  readonly child: ChildProcess;
  readonly printed: () => string;
  readonly code: Promise<number | null>;
}

/** As `npm run chaos` runs it, once everything is built. */
function chaos(...args: string[]): Ran {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.mjs'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, printed: () => text, code: once(child, 'close').then(([code]) => code as number | null) };
}

it.each([
  ['one node', '--single', 71],
  ['a cluster', '--cluster', 72],
])(
  'loses, doubles and splits nothing on %s while everything around it breaks',
  async (_name, mode, seed) => {
    const file = join(dir, 'report.json');
    const { printed, code } = chaos(mode, '--seed', String(seed), '--minutes', String(SECONDS / 60), '--report', file);
    if ((await code) !== 0) throw new Error(printed());
    const report = JSON.parse(readFileSync(file, 'utf8')) as { ok: boolean; faults: number; appends: { acknowledged: number } };
    expect(report.ok).toBe(true);
    expect(report.faults).toBeGreaterThanOrEqual(SECONDS / 5);
    expect(report.appends.acknowledged).toBeGreaterThan(100);
  },
  SECONDS * 1_000 + AROUND_MS,
);

it('leaves no process and no file when it is cut short', async () => {
  const { child, printed, code } = chaos('--single', '--seed', '1', '--minutes', '10');
  await until(
    async () => printed(),
    (text) => text.includes('healed'),
    120_000,
    'a fault is healed',
  );
  const family = descendantsOf(child.pid ?? 0);
  expect(family.length).toBeGreaterThan(5);
  child.kill('SIGINT');
  expect([await code, printed()]).toEqual([1, expect.stringContaining('The run was cut short (SIGINT).')]);
  const alive = async (): Promise<number[]> => family.filter(isAlive);
  expect(await until(alive, ({ length }) => length === 0, 30_000, 'every process is gone')).toEqual([]);
}, 240_000);

const descendantsOf = (pid: number): number[] => {
  const [self, ...children] = familyOf(pid);
  return [self as number, ...children.flatMap(descendantsOf)];
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('says in a sentence what is wrong with its arguments', async () => {
  const { printed, code } = chaos('--seed', 'x');
  expect([await code, printed()]).toEqual([1, expect.stringContaining('--seed must be a whole number, 0 or more.')]);
});
