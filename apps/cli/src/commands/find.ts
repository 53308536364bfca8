import { type Api, isNotFound } from '../api.js';
import type { Answer } from '../contract.js';
import { type OwnCode, failure } from '../failure.js';
import { MAX_ROWS } from '../grammar.js';

/** How things of one kind are found by what a user calls them. */
export interface Kind<T> {
  path: string;
  one: string;
  many: string;
  /** The command that lists them. */
  list: string;
  unknown: OwnCode;
  ambiguous: OwnCode;
  /** How the list is asked for what has a name; absent: it is searched. */
  named?(name: string): Record<string, string>;
  idOf(item: T): string;
  /** What it may be called besides its id; two things may have the same. */
  namesOf(item: T): readonly string[];
}

/** What the API takes as `q`. */
const MAX_SEARCH_CHARS = 100;
/** A name as it is searched for; a long one may find others, too. */
const searched = (name: string): string => name.slice(0, MAX_SEARCH_CHARS);

/** What can be an id: anything else must be a name. */
export const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** A thing by its id, else by the name that it alone has. */
export async function find<T>(api: Api, kind: Kind<T>, text: string): Promise<Answer<T>> {
  try {
    if (ID.test(text)) return await api.get<T>(`${kind.path}/${text}`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const { data, ...answer } = await api.list<T>(kind.path, kind.named?.(text) ?? { q: searched(text) }, MAX_ROWS);
  const [item, ...more] = data.filter((one) => kind.namesOf(one).includes(text));
  if (item === undefined)
    throw failure(kind.unknown, `No ${kind.one} has the id or the label ${text}`, `see which there are: ${kind.list}`);
  if (more.length > 0) {
    const ids = [item, ...more].map((one) => kind.idOf(one)).join(', ');
    throw failure(kind.ambiguous, `${more.length + 1} ${kind.many} have the label ${text}`, `name one by its id: ${ids}`);
  }
  return { ...answer, next_cursor: undefined, data: item };
}
