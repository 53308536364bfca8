import { type LimitedRule, RuleLimits } from './rule-limits.js';

let nowMs: number;
let limits: RuleLimits;
const warned: string[] = [];
beforeEach(() => {
  nowMs = 1_000_000;
  warned.length = 0;
  limits = new RuleLimits({ nowMs: () => nowMs, warn: (sentence) => void warned.push(sentence) });
});
const rule = (more: object = {}): LimitedRule => ({
  ...{ rule_id: 'rule-1', rule_version: 3 },
  limits: { calls_per_minute: 2, concurrent_calls: 100, body_bytes: 10_000, ...more },
});
const outcome = (party: string, of = [rule()], bytes = 10): string => {
  const entered = limits.enter(party, of, bytes);
  return 'full' in entered ? entered.full : 'in';
};

it('lets each party begin so many calls a minute, whatever the others do', () => {
  expect(['a', 'a', 'a', 'b', 'b', 'b'].map((party) => outcome(party))).toEqual(['in', 'in', 'rate', 'in', 'in', 'rate']);
  nowMs += 30_000;
  expect([outcome('a'), outcome('a')]).toEqual(['in', 'rate']);
});

it('lets each party have so many calls and bytes under way', () => {
  const calls = [rule({ calls_per_minute: 100, concurrent_calls: 1 })];
  expect([outcome('a', calls), outcome('a', calls), outcome('b', calls)]).toEqual(['in', 'calls', 'in']);
  const bytes = [{ ...rule({ calls_per_minute: 100 }), rule_id: 'rule-2' }];
  expect([outcome('a', bytes, 6_000), outcome('a', bytes, 6_000), outcome('b', bytes, 6_000)]).toEqual(['in', 'bytes', 'in']);
});

it('counts a call against all of its rules or none', () => {
  const wide = { ...rule({ calls_per_minute: 1_000 }), rule_id: 'rule-2' };
  expect([outcome('a'), outcome('a')]).toEqual(['in', 'in']);
  for (let n = 0; n < 1_000; n++) expect(outcome('a', [wide, rule()])).toBe('rate');
  expect(outcome('a', [wide])).toBe('in');
});

it('only warns of a rule that was added before there were limits, once a minute', () => {
  const old = { ...rule(), limits: null };
  for (let n = 0; n < 700; n++) expect(outcome('a', [old])).toBe('in');
  expect(warned).toEqual([expect.stringContaining('Rule rule-1 passes more')]);
});

it('remembers a bounded number of shares, and none that is in use is forgotten', () => {
  const one = [rule({ concurrent_calls: 1, calls_per_minute: 100 })];
  expect(outcome('held', one)).toBe('in');
  for (let n = 0; n < 20_100; n++) {
    const entered = limits.enter(`party-${n}`, one, 1);
    if (!('full' in entered)) entered.ended();
  }
  expect(outcome('held', one)).toBe('calls');
  expect(limits.size).toBe(20_000);
});
