import { DetailReader, type Details, type Sentence } from '../../libs/kernel/src/sentences.js';
import { AGENT_REASONS } from '../../libs/edge/src/events/agent-reason.js';
import { SENTENCES as EDGE } from '../../libs/edge/src/agent-sentences.js';
import { LINK_REASONS } from '../../libs/federation/src/peers/events/link-reason.js';
import { SENTENCES as FEDERATION } from '../../libs/federation/src/peers/peer-sentences.js';
import { REASONS } from '../../libs/services/src/events/reason.js';
import { SENTENCES as SERVICES } from '../../libs/services/src/sentences.js';

const CONTEXTS: readonly (readonly [string, readonly string[], Readonly<Record<string, Sentence>>])[] = [
  ['edge', AGENT_REASONS, EDGE],
  ['federation', LINK_REASONS, FEDERATION],
  ['services', REASONS, SERVICES],
];
const tell = (sentence: Sentence, details: Details): string => sentence(new DetailReader(details, Date.parse('2026-11-22T10:03:12.000Z')));

/** Numbers that a sentence may hold by itself: the limit of the protocol for signatures, and the name of a percentile. */
const FIXED = /\b5 min\b|\bp95\b/g;

/** Words that choose a sentence, and are not told. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  refused: ['clock', 'address', 'peer_id'],
  lost: ['silent', 'malformed', 'closed', 'superseded', 'broken', 'started', 'slept', 'doubted'],
  gauge: ['p95_ms', 'event_loop_ms', 'connections', 'memory', 'storage', 'lag_ms', 'stalled_ms', 'starting_ms'],
};

/** Details that hold each field or not, as `seed` says, and remember every number that was read. */
class SeededReader extends DetailReader {
  readonly numbers = new Set<string>();

  constructor(private readonly seed: number) {
    super({}, 0);
  }

  /** Below `many`, the same for a name each time. */
  private chosen(name: string, many: number): number {
    let hash = this.seed;
    for (const letter of name) hash = (Math.imul(hash, 16_777_619) ^ letter.charCodeAt(0)) >>> 0;
    return (hash >>> 8) % many;
  }

  private told(number: number): number {
    this.numbers.add(String(number));
    return number;
  }

  override has(name: string): boolean {
    return this.chosen(name, 3) > 0;
  }

  override is(name: string): boolean {
    return this.chosen(name, 2) > 0;
  }

  override text(name: string): string {
    const codes = CODES[name];
    return codes?.[this.chosen(name, codes.length)] ?? `<${name}>`;
  }

  override number(name: string): number {
    return this.told([0, 1, 7_142][this.chosen(name, 3)]!);
  }

  override names(name: string): readonly string[] {
    return Array.from({ length: this.told(this.chosen(name, 4)) }, () => `<${name}>`);
  }

  override listed = (name: string): string => `<${name}>`;
  override share = (name: string): string => `<${name}>`;
  override fullness = (name: string): string => `<${name}>`;
  override ms = (name: string): string => `<${name}>`;
  override span = (name: string): string => `<${name}>`;
  override since = (name: string): string => `<${name}>`;
}

/** A name of a field, which may have a digit in it, is no number. */
const numbersIn = (sentence: string): string[] =>
  sentence
    .replaceAll(/<[a-z0-9_]+>/g, '')
    .replaceAll(FIXED, '')
    .match(/\d+/g) ?? [];

describe.each(CONTEXTS)('the sentences of %s', (_context, reasons, sentences) => {
  it('are there for every reason, and for no other', () => expect(Object.keys(sentences).toSorted()).toEqual([...reasons].toSorted()));

  it('end as sentences, and differ from reason to reason also where no details are known', () => {
    const told = reasons.map((reason) => tell(sentences[reason]!, {}));
    for (const sentence of told) expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect([...new Set(told)]).toEqual(told);
  });

  it('hold no number that is not of the details, whichever details there are', () => {
    for (const reason of reasons) {
      expect([reason, numbersIn(tell(sentences[reason]!, {}))]).toEqual([reason, []]);
      for (let seed = 1; seed <= 300; seed++) {
        const details = new SeededReader(seed);
        const sentence = sentences[reason]!(details);
        expect([reason, sentence, numbersIn(sentence).filter((number) => !details.numbers.has(number))]).toEqual([reason, sentence, []]);
      }
    }
  });
});
