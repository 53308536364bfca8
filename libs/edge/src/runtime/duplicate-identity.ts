import type { AgentPolicy } from './agent-policy.js';

/** One agent proved who it is. */
export interface Introduction {
  /** Of the process. */
  readonly bootId: string;
  readonly hostname: string;
  readonly atMs: number;
}

/** So many are remembered of one agent: more than it takes to tell. */
const REMEMBERED = 16;

/** The introductions of one agent that still matter, with one more. */
export const introduced = (before: readonly Introduction[], one: Introduction, policy: AgentPolicy): Introduction[] =>
  [...before, one].filter(({ atMs }) => one.atMs - atMs < policy.duplicate.withinMs).slice(-REMEMBERED);

/**
 * The host names of two processes with one identity; null: there is one process, which may have started anew any number of times. A
 * process that starts anew never comes back as the one before, two that live both do: a copied directory, a cloned machine.
 */
export function duplicatesAmong(introductions: readonly Introduction[], { duplicate }: AgentPolicy): string[] | null {
  const last = introductions.at(-1);
  const other = introductions.findLast(({ bootId }) => bootId !== last?.bootId);
  if (last === undefined || other === undefined) return null;
  const both = introductions.filter(({ bootId }) => bootId === last.bootId || bootId === other.bootId);
  const turns = both.filter(({ bootId }, i) => i > 0 && bootId !== both[i - 1]?.bootId).length;
  return turns >= duplicate.turns ? [other.hostname, last.hostname] : null;
}

/** Whether only one process was heard for long enough to be let in again. */
export const isAlone = (introductions: readonly Introduction[]): boolean => new Set(introductions.map(({ bootId }) => bootId)).size <= 1;
