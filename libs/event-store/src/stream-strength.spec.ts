import { isWeaker } from './stream-strength.js';

describe('isWeaker', () => {
  it.each<[field: string, declared: unknown, is: unknown, weaker: boolean]>([
    ['max_bytes', 1_000, 999, true],
    ['max_bytes', 1_000, 1_001, false],
    ['max_bytes', 1_000, -1, false],
    ['max_age', 0, 3_600, true],
    ['max_age', 3_600, 0, false],
    ['max_msgs_per_subject', -1, 1, true],
    ['duplicate_window', 120, 60, true],
    ['num_replicas', 3, 1, true],
    ['num_replicas', 3, 5, false],
    ['discard', 'new', 'old', true],
    ['deny_delete', true, false, true],
    ['allow_rollup_hdrs', false, true, true],
    ['subjects', ['facts.>'], ['facts.a.>'], true],
    ['max_bytes', 1_000, false, true],
  ])('judges %s, declared %j, that is %j: %s', (field, declared, is, weaker) => {
    expect(isWeaker({ field, declared, is })).toBe(weaker);
  });
});
