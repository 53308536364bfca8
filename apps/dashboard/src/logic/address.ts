export const SECTIONS = ['federation', 'edge', 'services', 'events'] as const;
export type Section = (typeof SECTIONS)[number];

export const TABS = ['now', 'timeline', 'config', 'raw'] as const;
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
  /** Whether the healthy rows are unfolded; absent: the section decides. */
  show?: 'all' | 'problems';
  /** Events only: which log, and what of it. */
  stream?: 'telemetry';
  type?: string;
  subject?: string;
  actor?: string;
}

const WORDS = ['status', 'q', 'id', 'type', 'subject', 'actor'] as const;

/** Whatever somebody typed becomes an address; what makes no sense is left out. */
export function addressOf(raw: Record<string, unknown>): Address {
  const address: Address = { section: oneOf(SECTIONS, raw.section) ?? 'federation' };
  for (const word of WORDS) {
    const value = raw[word];
    if (typeof value === 'string' && value !== '') address[word] = value.slice(0, 256);
  }
  const tab = oneOf(TABS, raw.tab);
  if (tab !== undefined && address.id !== undefined) address.tab = tab;
  const show = oneOf(['all', 'problems'] as const, raw.show);
  if (show !== undefined) address.show = show;
  if (raw.stream === 'telemetry') address.stream = 'telemetry';
  return address;
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
