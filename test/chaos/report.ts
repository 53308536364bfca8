import { commandsIn } from './history.js';
import type { Round } from './round.js';
import { LEFT_OUT } from './schedule.js';

/** Of each check so many violations are written out. */
const SHOWN = 20;

type Appends = Record<'acknowledged' | 'unknown' | 'unknown_stored' | 'refused' | 'sent_again' | 'facts', number>;

/** Machine-readable: what `--report` writes. */
export interface Report {
  readonly ok: boolean;
  readonly seed: number;
  readonly started_at: string;
  readonly ended_at: string;
  readonly faults: number;
  readonly faults_by_kind: Readonly<Record<string, { readonly healed: number; readonly busy: number; readonly failed: number }>>;
  readonly appends: Appends;
  readonly left_out: readonly string[];
  readonly results: readonly { readonly check: string; readonly violations: number }[];
  readonly rounds: readonly object[];
}

export function reportOf(seed: number, startedAt: Date, rounds: readonly Round[]): Report {
  const faults = rounds.flatMap((round) => round.faults);
  const byKind = Map.groupBy(faults, ({ kind }) => kind);
  const results = Map.groupBy(
    rounds.flatMap((round) => round.results),
    ({ check }) => check,
  );
  const violations = (of: readonly { readonly violations: readonly string[] }[]): number =>
    of.reduce((n, one) => n + one.violations.length, 0);
  const appends = rounds.map(appendsOf);
  const sum = (name: keyof Appends): number => appends.reduce((n, one) => n + one[name], 0);
  return {
    ok:
      rounds.length > 0 &&
      rounds.every((round) => violations(round.results) === 0) &&
      appends.every(({ acknowledged }) => acknowledged > 0),
    seed,
    started_at: startedAt.toISOString(),
    ended_at: new Date().toISOString(),
    faults: faults.filter(({ outcome }) => outcome === 'healed').length,
    faults_by_kind: Object.fromEntries(
      [...byKind]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([kind, of]) => {
          const [healed, busy] = ['healed', 'busy'].map((outcome) => of.filter((fault) => fault.outcome === outcome).length) as [
            number,
            number,
          ];
          return [kind, { healed, busy, failed: of.length - healed - busy }];
        }),
    ),
    appends: {
      acknowledged: sum('acknowledged'),
      unknown: sum('unknown'),
      unknown_stored: sum('unknown_stored'),
      refused: sum('refused'),
      sent_again: sum('sent_again'),
      facts: sum('facts'),
    },
    left_out: LEFT_OUT,
    results: [...results].map(([check, of]) => ({ check, violations: violations(of) })),
    rounds: rounds.map(
      ({ mode, seed: own, seconds, skipped, faults: broken, results: evaluated, ownExits, recoveredMs, consumedMs }, i) => ({
        mode,
        seed: own,
        seconds,
        skipped,
        appends: appends[i],
        own_exits: ownExits,
        recovered_ms: Math.round(recoveredMs),
        followed_ms: Math.round(consumedMs),
        faults: broken.map(({ atMs, kind, target, holdMs, outcome }) => ({ at_ms: atMs, kind, target, hold_ms: holdMs, outcome })),
        checkResults: evaluated.map(({ check, violations: found }) => ({ check, violations: found.length, first: found.slice(0, SHOWN) })),
      }),
    ),
  };
}

function appendsOf({ history: { noted, log } }: Round): Appends {
  const commands = [...commandsIn(noted).values()];
  const stored = new Set(log.map(({ data }) => data.command_id));
  const of = (wanted: string): typeof commands => commands.filter(({ outcome }) => outcome === wanted);
  return {
    acknowledged: of('acknowledged').length,
    unknown: of('unknown').length,
    unknown_stored: of('unknown').filter(({ id }) => stored.has(id)).length,
    refused: of('refused').length,
    sent_again: noted.filter(({ kind }) => kind === 'sent').length - commands.length,
    facts: log.length,
  };
}

export function markdownOf({ ok, seed, started_at, ended_at, faults, faults_by_kind, appends, left_out, results, rounds }: Report): string {
  const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
    [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const kinds = Object.entries(faults_by_kind).map(([kind, { healed, busy, failed }]) => [`\`${kind}\``, healed, busy, failed]);
  return `# Chaos run

${ok ? 'Nothing was violated.' : '**Violated: see the verdicts.**'} Seed ${seed}, ${rounds.length} rounds, ${started_at} to ${ended_at}, ${faults} faults.
Busy: the target was broken already. Left out, since they end in a decision of the operator: ${left_out.map((kind) => `\`${kind}\``).join(', ')}.

${table(['Fault', 'healed', 'busy', 'failed'], kinds)}

${table(
  ['Appends', 'commands'],
  [
    ['acknowledged', appends.acknowledged],
    ['unknown to the end', appends.unknown],
    ['of these stored', appends.unknown_stored],
    ['refused', appends.refused],
    ['sent again', appends.sent_again],
    ['facts in the logs', appends.facts],
  ],
)}

${table(
  ['Check', 'violations'],
  results.map(({ check, violations }) => [check, violations]),
)}
`;
}
