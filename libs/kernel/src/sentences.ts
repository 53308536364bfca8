/**
 * Sentences that are made when they are read. What is stored and sent is a reason, which is one of a closed list, and its details: names,
 * counts, shares and moments. One function per reason makes the text of them. Imports nothing: clients may ship this file.
 */

/** One value of the details. A moment is an instant as text, a share is 0 to 1, a span is milliseconds. */
export type Detail = string | number | boolean | null | readonly string[];
export type Details = Readonly<Record<string, Detail>>;

/** Reads details that another release may have written: what is absent, or of another type, is as if it were not there. */
export class DetailReader {
  constructor(
    private readonly details: Details,
    private readonly nowMs: number,
  ) {}

  has(name: string): boolean {
    return (this.details[name] ?? null) !== null;
  }

  text(name: string): string {
    const value = this.details[name];
    return typeof value === 'string' ? value : '';
  }

  number(name: string): number {
    const value = this.details[name];
    return typeof value === 'number' ? value : 0;
  }

  names(name: string): readonly string[] {
    const value = this.details[name];
    return Array.isArray(value) ? (value as readonly string[]) : [];
  }

  /** `a, b, c and more`: at most three of them. */
  listed(name: string): string {
    const names = this.names(name);
    return names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ' and more' : '');
  }

  /** `75 %` */
  share(name: string): string {
    return `${Math.round(this.number(name) * 100)} %`;
  }

  /** `99 %`: rounded down, so that what is not full is not told as 100 %. The product of two floats may be a hair too small. */
  fullness(name: string): string {
    return `${Math.floor(Number((this.number(name) * 100).toFixed(3)))} %`;
  }

  is(name: string): boolean {
    return this.details[name] === true;
  }

  /** `4.2 ms`, `64 ms` */
  ms(name: string): string {
    const value = this.number(name);
    return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ms`;
  }

  /** `45 s`, `47 min`, `3 h`, of a number of milliseconds. */
  span(name: string): string {
    return spanned(Math.abs(this.number(name)));
  }

  /** The time from a moment until now, in the same words. */
  since(name: string): string {
    return spanned(Math.max(0, this.nowMs - Date.parse(this.text(name))));
  }
}

const NAMED = 3;

function spanned(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (Number.isNaN(seconds)) return 'an unknown time';
  return seconds < 120 ? `${seconds} s` : seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}

/** Makes the sentence of one reason. */
export type Sentence = (of: DetailReader) => string;
/** All reasons of one context. A reason without a sentence does not compile. */
export type Sentences<R extends string> = Readonly<Record<R, Sentence>>;
export type Teller<R extends string> = (reason: R | null, details: Details, nowMs: number) => string;

/**
 * Makes the function that tells why something is what it is. `well` is the sentence of what has no reason. What an older release stored as
 * text is told as it stands; of a reason that only a newer release knows, the word is told.
 */
export function tellerOf<R extends string>(sentences: Sentences<R>, well: Sentence): Teller<R> {
  return (reason, details, nowMs) => {
    const of = new DetailReader(details, nowMs);
    if (of.has(STORED)) return of.text(STORED);
    if (reason === null) return well(of);
    const sentence: Sentence | undefined = sentences[reason];
    return sentence === undefined ? `${reason.replaceAll('_', ' ')}.` : sentence(of);
  };
}

/** The sentence of `flapping`, in every context: `Flapping (7 changes in 10 min), now red.` */
export const flappingSentence: Sentence = (of) =>
  of.has('changes') ? `Flapping (${of.number('changes')} changes in ${of.span('span_ms')}), now ${of.text('now')}.` : 'Flapping.';

const STORED = 'stored_sentence';

/** The details of what an older release stored as text. */
export const storedSentence = (sentence: string): Details => ({ [STORED]: sentence });
