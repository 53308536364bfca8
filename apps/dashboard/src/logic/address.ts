import type { Direction, Outcome } from '../contract.js';

export const SECTIONS = ['federation', 'edge', 'services', 'events'] as const;
export type Section = (typeof SECTIONS)[number];

export const TABS = ['now', 'timeline', 'calls', 'models', 'config', 'raw'] as const;
export type Tab = (typeof TABS)[number];

/** All the page shows, as its URL holds it: a link brings another operator to the same view. */
export interface Address {
  section: Section;
  /** A status word (`disconnected`) or a health (`down`). */
  status?: string;
  /** Free text. */
  q?: string;
  /** The row, or the position of the event, whose drawer is open. */
  id?: string;
  tab?: Tab;
  /** Federation only: the ordered rules instead of the peers. */
  view?: 'rules';
  /** The calls of a peer: which way, how they ended, and the one that is open. */
  direction?: Direction;
  outcome?: Outcome;
  call?: string;
  /** Whether the healthy rows are unfolded; absent: the section decides. */
  show?: 'all' | 'problems';
  /** Events only: which log, and what of it. */
  stream?: 'calls' | 'telemetry';
  type?: string;
  subject?: string;
  actor?: string;
}

const WORDS = ['status', 'q', 'id', 'type', 'subject', 'actor'] as const;

export const DIRECTIONS = ['in', 'out'] as const satisfies readonly Direction[];
export const OUTCOMES = ['open', 'completed', 'failed', 'aborted', 'denied', 'unknown'] as const satisfies readonly Outcome[];

/** Whatever somebody typed becomes an address; what makes no sense is left out. */
export function addressOf(raw: Record<string, unknown>): Address {
  const address: Address = { section: oneOf(SECTIONS, raw.section) ?? 'federation' };
  for (const word of WORDS) {
    const value = raw[word];
    if (typeof value === 'string' && value !== '') address[word] = value.slice(0, 256);
  }
  const tab = oneOf(TABS, raw.tab);
  if (tab !== undefined && address.id !== undefined) address.tab = tab;
  if (address.tab === 'calls') Object.assign(address, callsOf(raw));
  if (raw.view === 'rules' && address.section === 'federation') address.view = 'rules';
  const show = oneOf(['all', 'problems'] as const, raw.show);
  if (show !== undefined) address.show = show;
  const stream = oneOf(['calls', 'telemetry'] as const, raw.stream);
  if (stream !== undefined) address.stream = stream;
  return address;
}

function callsOf(raw: Record<string, unknown>): Pick<Address, 'direction' | 'outcome' | 'call'> {
  const direction = oneOf(DIRECTIONS, raw.direction);
  const outcome = oneOf(OUTCOMES, raw.outcome);
  const call = typeof raw.call === 'string' && raw.call !== '' ? raw.call.slice(0, 256) : undefined;
  return { ...(direction && { direction }), ...(outcome && { outcome }), ...(call && { call }) };
}

const oneOf = <T extends string>(words: readonly T[], value: unknown): T | undefined => words.find((word) => word === value);

/** The query as flat text: the router's own reading takes `q=123` for a number. */
export const readQuery = (query: string): Record<string, string> => Object.fromEntries(new URLSearchParams(query));

export function writeQuery(search: object): string {
  const entries = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '');
  const query = new URLSearchParams(entries).toString();
  return query === '' ? '' : `?${query}`;
}

const HOME = '/infrastructure';

/** Where to go after the login: a place on this page and nowhere else, whatever the link said. */
export function returnPath(wanted: string | undefined): string {
  if (wanted === undefined) return HOME;
  const inside = wanted === HOME || wanted.startsWith(`${HOME}?`) || wanted.startsWith(`${HOME}/`);
  return inside ? wanted : HOME;
}
