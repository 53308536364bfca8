import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openSharedServers, SHARED_SERVERS_ENV } from '../../libs/runtime/testing/shared-servers.js';
import type { Asked } from './asked.mjs';
import { type Report, markdownOf, reportOf } from './report.js';
import { type Round, runRound } from './round.js';
import type { Mode } from './schedule.js';

const LONGEST_ROUND_S = 300;

/** Alternates the modes, on new servers each time: a round is judged as a whole, and has to stay small enough for that. */
function planOf({ seed, minutes, modes }: Asked): { mode: Mode; seed: number; seconds: number }[] {
  const total = minutes * 60;
  const count = Math.max(1, Math.ceil(total / LONGEST_ROUND_S / modes.length)) * modes.length;
  return Array.from({ length: count }, (_, i) => ({ mode: modes[i % modes.length] as Mode, seed: seed + i, seconds: total / count }));
}

/** Runs every round; writes the report after each, so that a run which is cut short leaves what it found. */
export async function main(asked: Asked, signal: AbortSignal): Promise<Report> {
  const servers = process.env[SHARED_SERVERS_ENV] === undefined ? await openSharedServers(join(import.meta.dirname, '../..')) : undefined;
  const startedAt = new Date();
  const rounds: Round[] = [];
  try {
    for (const plan of planOf(asked)) {
      const round = await runRound({ ...plan, signal, say: (words) => console.error(words) });
      rounds.push(round);
      const report = reportOf(asked.seed, startedAt, rounds);
      if (asked.report !== null) write(asked.report, report, round, rounds.length);
    }
    return reportOf(asked.seed, startedAt, rounds);
  } finally {
    await servers?.close();
  }
}

/** `<file>` and, beside it, the table as `.md`; of a round that violated something also all that was judged. */
function write(file: string, report: Report, { history, results }: Round, number: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const base = file.replace(/\.json$/, '');
  writeFileSync(`${base}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${base}.md`, markdownOf(report));
  if (results.some(({ violations }) => violations.length > 0)) writeFileSync(`${base}.evidence-${number}.json`, JSON.stringify(history));
}
