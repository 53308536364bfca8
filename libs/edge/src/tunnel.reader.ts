/** How a value out of JSON is read: it is as it should be, or this says where it is not. Nothing here throws. */
export class Wrong {
  constructor(
    readonly at: string,
    readonly why: string,
  ) {}
}
export type Read<T> = (value: unknown) => T | Wrong;
type Fields<T> = { readonly [Name in keyof T]-?: Read<T[Name]> };

const when =
  <T>(is: (value: unknown) => boolean, why: string): Read<T> =>
  (value) =>
    is(value) ? (value as T) : new Wrong('', why);

export const whole = (least: number, most: number): Read<number> =>
  when((value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most, `an integer ${least} to ${most}`);

/** JSON has no word for infinity, but reads 1e999 as it. */
export const amount = (least: number, most: number): Read<number> =>
  when((value) => typeof value === 'number' && value >= least && value <= most, `a number ${least} to ${most}`);

/** What neither a terminal nor PostgreSQL takes well. */
const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** Plain text, whose halves of characters are all whole. Length in UTF-16 units. */
export const words = (least: number, most: number): Read<string> =>
  when(
    (value) => typeof value === 'string' && value.length >= least && value.length <= most && !CONTROL.test(value) && value.isWellFormed(),
    `plain text of ${least} to ${most} characters`,
  );

export const like = (pattern: RegExp, why: string): Read<string> => when((value) => typeof value === 'string' && pattern.test(value), why);

export const oneOf = <const T extends string>(all: readonly T[]): Read<T> =>
  when((value) => all.includes(value as T), `one of ${all.join(', ')}`);

/** A word that a newer end may have added to the list is taken for `unknown`. */
export const oneOfOr = <const T extends string, U>(all: readonly T[], unknown: U): Read<T | U> => {
  const text = words(1, 64);
  return (value) => {
    const read = text(value);
    return read instanceof Wrong ? read : all.includes(read as T) ? (read as T) : unknown;
  };
};

export const bool: Read<boolean> = when((value) => typeof value === 'boolean', 'true or false');

/** 30 February has the form of a day, and `Date` takes it for one of March. */
const isOnCalendar = (value: string): boolean => {
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
};
export const instant: Read<string> = when(
  (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && isOnCalendar(value),
  'an instant like 2026-02-01T12:00:00.000Z',
);
export const date: Read<string> = when(
  (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && isOnCalendar(value),
  'a day like 2026-02-01',
);

export const nullOr =
  <T>(read: Read<T>): Read<T | null> =>
  (value) =>
    value === null ? null : read(value);

/** What an older end does not say is `absent`. */
export const orAbsent =
  <T>(read: Read<T>, absent: T): Read<T> =>
  (value) =>
    value === undefined ? absent : read(value);

/** What an older end does not say. */
export const optional = <T>(read: Read<T>): Read<T | undefined> => orAbsent<T | undefined>(read, undefined);

/** The fields that are known, each as it should be; others are left out. */
export function object<T extends object>(fields: Fields<T>): Read<T> {
  const all = Object.entries<Read<unknown>>(fields);
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Wrong('', 'an object');
    const known: Record<string, unknown> = {};
    for (const [name, read] of all) {
      const field = read((value as Record<string, unknown>)[name]);
      if (field instanceof Wrong) return new Wrong(`.${name}${field.at}`, field.why);
      known[name] = field;
    }
    return known as T;
  };
}

/** At most so many, and of each `key` one. */
export function list<T>(read: Read<T>, most: number, key?: keyof T): Read<T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > most) return new Wrong('', `a list of at most ${most}`);
    const known: T[] = [];
    for (const [at, item] of value.entries()) {
      const one = read(item);
      if (one instanceof Wrong) return new Wrong(`[${at}]${one.at}`, one.why);
      known.push(one);
    }
    if (key !== undefined && new Set(known.map((one) => one[key])).size < known.length)
      return new Wrong('', `a list with each ${String(key)} once`);
    return known;
  };
}
