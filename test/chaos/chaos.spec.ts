import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { smallDisk } from '@app/runtime/testing';
import { until } from '../e2e/system.js';
import { familyOf } from './site.js';

/** How long faults happen in each mode, seconds. Starting, recovering and judging come on top, 20 s or so. The seeds meet the kinds below in 20 s. */
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? (process.env['CI'] ? 50 : 20));
const AROUND_MS = 400_000;
const ROOT = join(import.meta.dirname, '../..');

interface Ran {
  readonly child: ChildProcess;
  readonly printed: () => string;
  readonly code: Promise<number | null>;
}

/** As `npm run chaos` runs it, once everything is built. */
function chaos(args: readonly string[], env: Readonly<Record<string, string>> = {}): Ran {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.mjs'), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, printed: () => text, code: once(child, 'close').then(([code]) => code as number | null) };
}

interface Report {
  readonly ok: boolean;
  readonly faults: number;
  readonly faults_by_kind: Readonly<Record<string, { readonly healed: number }>>;
  readonly appends: { readonly acknowledged: number };
}

const probe = smallDisk(1);
await probe?.remove();
/** Without the right to mount there is no disk to fill: see test/skips.json. */
const onSmallDisk = probe === undefined ? describe.skip : describe;

describe.each([
  { name: 'one node', mode: '--single', seed: 1531 },
  { name: 'a cluster', mode: '--cluster', seed: 1391 },
])('chaos on $name', ({ mode, seed }) => {
  let report: Report;
  const healed = (kind: string): number => report.faults_by_kind[kind]?.healed ?? 0;
  beforeAll(
    async () => {
      const kept = mkdtempSync(join(tmpdir(), 'clawbutler-chaos-report-'));
      try {
        const file = join(kept, 'report.json');
        const { printed, code } = chaos([mode, '--seed', String(seed), '--minutes', String(SECONDS / 60), '--report', file]);
        if ((await code) !== 0) throw new Error(printed());
        report = JSON.parse(readFileSync(file, 'utf8')) as Report;
      } finally {
        rmSync(kept, { recursive: true });
      }
    },
    SECONDS * 1_000 + AROUND_MS,
  );

  it('loses, doubles and splits nothing, and every row is the fold', () => {
    expect(report.ok).toBe(true);
    expect(report.appends.acknowledged).toBeGreaterThan(100);
  });

  it.each(['nats.kill', 'postgres.stop-immediate', 'projector.kill', 'client.kill'])('survives %s', (kind) => {
    expect(healed(kind)).toBeGreaterThan(0);
  });

  if (mode === '--single')
    onSmallDisk('with a small disk', () => {
      it('survives that the disk of NATS is full', () => {
        expect(healed('nats.disk-full')).toBeGreaterThan(0);
      });
    });
  else
    it('survives the loss of its majority', () => {
      expect(healed('nats.kill-two')).toBeGreaterThan(0);
    });
});

it('leaves no process and no file when it is cut short', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'clawbutler-chaos-'));
  chmodSync(dir, 0o711); // Servers under another account pass through.
  try {
    const { child, printed, code } = chaos(['--single', '--seed', '1', '--minutes', '10'], { TMPDIR: dir });
    await until(
      async () => printed(),
      (text) => text.includes('healed'),
      120_000,
      'a fault is healed',
    );
    const family = descendantsOf(child.pid ?? 0);
    expect([family.length > 5, readdirSync(dir).length > 0]).toEqual([true, true]);
    child.kill('SIGINT');
    expect([await code, printed()]).toEqual([1, expect.stringContaining('The run was cut short (SIGINT).')]);
    const left = async (): Promise<(number | string)[]> => [...family.filter(isAlive), ...readdirSync(dir)];
    await until(left, ({ length }) => length === 0, 30_000, 'every process and file is gone');
  } finally {
    rmSync(dir, { recursive: true });
  }
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
  const { printed, code } = chaos(['--seed', 'x']);
  expect([await code, printed()]).toEqual([1, expect.stringContaining('--seed must be a whole number, 0 or more.')]);
});
