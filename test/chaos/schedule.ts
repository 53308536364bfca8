import { Random } from './random.js';

export type Mode = 'single' | 'cluster';

/** One thing that breaks, when, and for how long. */
export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Which of the servers or processes of its kind. */
  readonly target: number;
  /** How long it lasts, ms. */
  readonly holdMs: number;
}

interface Form {
  readonly modes: readonly Mode[];
  readonly targets: (mode: Mode) => number;
  readonly holdMs: readonly [least: number, most: number];
}

const BOTH: readonly Mode[] = ['single', 'cluster'];
const nodes = (mode: Mode): number => (mode === 'single' ? 1 : 3);
/** Two clients and two projectors: each has its own way to NATS and to PostgreSQL. */
export const CLIENTS = 2;
export const PROJECTORS = 2;
const processes = (): number => CLIENTS + PROJECTORS;
const one = (): number => 1;

/** Every kind of fault. What is restored from an older copy is not among them: see `LEFT_OUT`. */
const FORMS = {
  'nats.kill': { modes: BOTH, targets: nodes, holdMs: [100, 3_000] },
  'nats.pause': { modes: BOTH, targets: nodes, holdMs: [500, 6_000] },
  'nats.kill-two': { modes: ['cluster'], targets: nodes, holdMs: [1_000, 5_000] },
  'nats.pause-two': { modes: ['cluster'], targets: nodes, holdMs: [1_000, 5_000] },
  'nats.disk-full': { modes: ['single'], targets: one, holdMs: [2_000, 6_000] },
  'postgres.stop-immediate': { modes: BOTH, targets: one, holdMs: [0, 0] },
  'postgres.pause': { modes: BOTH, targets: one, holdMs: [500, 5_000] },
  'projector.kill': { modes: BOTH, targets: () => PROJECTORS, holdMs: [0, 2_000] },
  'projector.pause': { modes: BOTH, targets: () => PROJECTORS, holdMs: [1_000, 15_000] },
  'client.kill': { modes: BOTH, targets: () => CLIENTS, holdMs: [0, 2_000] },
  'client.pause': { modes: BOTH, targets: () => CLIENTS, holdMs: [500, 8_000] },
  'nats-link.drop': { modes: BOTH, targets: processes, holdMs: [500, 12_000] },
  'nats-link.half-open': { modes: BOTH, targets: processes, holdMs: [500, 6_000] },
  'nats-link.reset': { modes: BOTH, targets: processes, holdMs: [0, 0] },
  'nats-link.delay': { modes: BOTH, targets: processes, holdMs: [1_000, 5_000] },
  'postgres-link.drop': { modes: BOTH, targets: processes, holdMs: [500, 8_000] },
  'postgres-link.half-open': { modes: BOTH, targets: processes, holdMs: [500, 6_000] },
  'postgres-link.reset': { modes: BOTH, targets: processes, holdMs: [0, 0] },
  'postgres-link.delay': { modes: BOTH, targets: processes, holdMs: [1_000, 5_000] },
} satisfies Record<string, Form>;

export type FaultKind = keyof typeof FORMS;

/**
 * Faults that are left out. An older copy of the log or of the database that is put back loses facts by its nature, is noticed, and ends
 * in a decision of the operator. The drills of a lost log are specs of their own.
 */
export const LEFT_OUT = ['nats.restore-older-copy', 'postgres.restore-older-copy'] as const;

const GAP_MS = [500, 2_500] as const;

/** The same for the same arguments. Each kind comes once before any comes again, so that a short run meets every kind it has time for. */
export function scheduleOf(seed: number, mode: Mode, seconds: number, without: readonly FaultKind[] = []): Fault[] {
  const random = new Random(seed);
  const kinds = (Object.keys(FORMS) as FaultKind[]).filter((kind) => formOf(kind).modes.includes(mode) && !without.includes(kind));
  const faults: Fault[] = [];
  let deck: FaultKind[] = [];
  for (let atMs = random.between(...GAP_MS); atMs < seconds * 1_000; atMs += random.between(...GAP_MS)) {
    if (deck.length === 0) deck = random.shuffled(kinds);
    const kind = deck.pop() as FaultKind;
    const { targets, holdMs } = formOf(kind);
    faults.push({ atMs, kind, target: random.between(0, targets(mode) - 1), holdMs: random.between(...holdMs) });
  }
  return faults;
}

const formOf = (kind: FaultKind): Form => FORMS[kind];
