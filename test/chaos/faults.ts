import { setTimeout as delay } from 'node:timers/promises';
import type { KeptProcess } from './kept-process.js';
import type { Link } from './links.js';
import type { Fault, FaultKind } from './schedule.js';
import { type Node, NotRunning, type Site, back, familyOf, pauseFor, pidOf } from './site.js';

/** What can be broken. */
export interface Breakable {
  readonly site: Site;
  readonly clients: readonly KeptProcess[];
  readonly projectors: readonly KeptProcess[];
  /** Of each client, then of each projector. */
  readonly natsLinks: readonly Link[];
  /** Of the same. */
  readonly postgresLinks: readonly Link[];
}

/** A fault as it went. */
export interface Broken extends Fault {
  /** `healed`; `busy`: another fault had that target, or it is about to be started again; else why it could not be done or healed. */
  readonly outcome: string;
}

type Break = (at: Breakable, fault: Fault) => Promise<void>;

const some = <T>(all: readonly T[], target: number): T => all[target] as T;
const two = ({ site }: Breakable, target: number): Node[] => [some(site.nodes, target), some(site.nodes, (target + 1) % site.nodes.length)];

const BREAKS: Readonly<Record<FaultKind, Break>> = {
  'nats.kill': ({ site }, { target, holdMs }) => some(site.nodes, target).killFor(holdMs),
  'nats.pause': ({ site }, { target, holdMs }) => pauseFor([some(site.nodes, target).pid()], holdMs),
  'nats.kill-two': async (at, { target, holdMs }) => void (await Promise.all(two(at, target).map((node) => node.killFor(holdMs)))),
  'nats.pause-two': (at, { target, holdMs }) =>
    pauseFor(
      two(at, target).map((node) => node.pid()),
      holdMs,
    ),
  'nats.disk-full': async ({ site }, { holdMs }) => {
    site.disk?.fill();
    await delay(holdMs);
    site.disk?.free();
  },
  'postgres.stop-immediate': async ({ site: { postgres } }) => {
    const pid = pidOf(postgres);
    process.kill(pid, 'SIGQUIT'); // As `pg_ctl stop -m immediate` does.
    await back(postgres, pid, 'PostgreSQL');
  },
  'postgres.pause': ({ site }, { holdMs }) => pauseFor(familyOf(pidOf(site.postgres)), holdMs),
  'projector.kill': ({ projectors }, { target, holdMs }) => some(projectors, target).killFor(holdMs),
  'projector.pause': ({ projectors }, { target, holdMs }) => some(projectors, target).pauseFor(holdMs),
  'client.kill': ({ clients }, { target, holdMs }) => some(clients, target).killFor(holdMs),
  'client.pause': ({ clients }, { target, holdMs }) => some(clients, target).pauseFor(holdMs),
  'nats-link.drop': ({ natsLinks }, { target, holdMs }) => some(natsLinks, target).dropFor(holdMs),
  'nats-link.half-open': ({ natsLinks }, { target, holdMs }) => some(natsLinks, target).halfOpenFor(holdMs),
  'nats-link.reset': ({ natsLinks }, { target }) => some(natsLinks, target).reset(),
  'nats-link.delay': ({ natsLinks }, { target, holdMs }) => some(natsLinks, target).delayFor(holdMs),
  'postgres-link.drop': ({ postgresLinks }, { target, holdMs }) => some(postgresLinks, target).dropFor(holdMs),
  'postgres-link.half-open': ({ postgresLinks }, { target, holdMs }) => some(postgresLinks, target).halfOpenFor(holdMs),
  'postgres-link.reset': ({ postgresLinks }, { target }) => some(postgresLinks, target).reset(),
  'postgres-link.delay': ({ postgresLinks }, { target, holdMs }) => some(postgresLinks, target).delayFor(holdMs),
};

/**
 * Breaks things as scheduled, and heals them. Faults of different targets overlap. One whose target is broken already is noted as
 * `busy`: two at once on one server or process would undo each other. Resolves when all is healed; `signal` ends it early.
 */
export async function breakAll(
  at: Breakable,
  schedule: readonly Fault[],
  signal: AbortSignal,
  say: (broken: Broken) => void,
): Promise<Broken[]> {
  const start = performance.now();
  const busy = new Set<string>();
  const running: Promise<Broken>[] = [];
  for (const fault of schedule) {
    await delay(Math.max(0, fault.atMs - (performance.now() - start)), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    running.push(breakOne(at, fault, busy));
    void running.at(-1)?.then(say);
  }
  return Promise.all(running);
}

async function breakOne(at: Breakable, fault: Fault, busy: Set<string>): Promise<Broken> {
  const keys = targetsOf(fault, at.site.nodes.length);
  if (keys.some((key) => busy.has(key))) return { ...fault, outcome: 'busy' };
  keys.forEach((key) => busy.add(key));
  try {
    await BREAKS[fault.kind](at, fault);
    return { ...fault, outcome: 'healed' };
  } catch (error) {
    return { ...fault, outcome: error instanceof NotRunning ? 'busy' : String(error) };
  } finally {
    keys.forEach((key) => busy.delete(key));
  }
}

function targetsOf({ kind, target }: Fault, nodes: number): string[] {
  const machine = kind.split('.')[0] as string;
  return kind.endsWith('-two') ? [`${machine} ${target}`, `${machine} ${(target + 1) % nodes}`] : [`${machine} ${target}`];
}
