import type { Health, Overview, SectionCount } from '../contract.js';
import { HEALTH_WORDS, wordOf } from './words.js';

/** Words of a life and not of a health: nobody watches such a thing, so it is neither well nor unknown. */
export const APART = ['pending', 'enrolled', 'suspended', 'revoked'] as const;
type Apart = (typeof APART)[number];

/** What a row is filed under. */
export type Kind = Health | Apart;

interface Evaluation {
  readonly status: string;
  readonly health: Health;
}

export const kindOf = ({ status, health }: Evaluation): Kind => APART.find((word) => word === status) ?? health;

export const healthOfKind = (kind: Kind): Health => (kind in HEALTH_WORDS ? (kind as Health) : 'unknown');
export const kindWord = (kind: Kind): string => (kind in HEALTH_WORDS ? HEALTH_WORDS[kind as Health] : wordOf(kind));

/** How the things of a section stand. */
export interface SectionStatus {
  /** Of what is watched. */
  readonly of: Readonly<Record<Health, number>>;
  /** Of what is not, by its word. */
  readonly apart: Readonly<Record<Apart, number>>;
  /** All but the revoked, which are over. */
  readonly total: number;
  /** Its read model is being built: it is not counted yet. */
  readonly building: boolean;
}

/** Reads the counts of one answer only: a second answer would come later, and the page would change its words meanwhile. */
export function sectionStatusOf({ up, degraded, down, unknown, total, unwatched, building }: SectionCount): SectionStatus {
  const away = Object.values(unwatched).reduce((sum, many) => sum + many, 0);
  return { of: { up, degraded, down, unknown: unknown - away }, apart: unwatched, total: total - unwatched.revoked, building };
}

export interface Headline {
  readonly told: string;
  /** What nobody judges; empty: all is judged. */
  readonly rest: string;
}

/** `2 problems · 6/8 healthy`, `2 unknown, 1 pending`. The server counts what is judged; what is not stands apart, and none of it is left out. */
export function headlineOf(
  { problems, sentence }: Pick<Overview, 'problems' | 'sentence'>,
  sectionStatuses: readonly SectionStatus[],
): Headline {
  const sum = (health: Health): number => sectionStatuses.reduce((all, { of }) => all + of[health], 0);
  const [healthy, unknown] = [sum('up'), sum('unknown')];
  const rest = [...(unknown > 0 ? [`${unknown} unknown`] : []), ...apartWords(sectionStatuses)].join(', ');
  // Not all of them, where some are apart.
  const isWhole = !sectionStatuses.some(({ building }) => building);
  return { told: isWhole && problems.length === 0 && healthy > 0 && rest !== '' ? `${healthy} healthy` : sentence, rest };
}

function apartWords(sectionStatuses: readonly SectionStatus[]): string[] {
  const many = (word: Apart): number => sectionStatuses.reduce((all, { apart }) => all + apart[word], 0);
  return APART.flatMap((word) => (word === 'revoked' || many(word) === 0 ? [] : [`${many(word)} ${wordOf(word)}`]));
}

/** The worst there is among what is watched; null: nothing is. */
export function worstOf({ of }: SectionStatus): Health | null {
  return (['down', 'degraded', 'unknown', 'up'] as const).find((health) => of[health] > 0) ?? null;
}
