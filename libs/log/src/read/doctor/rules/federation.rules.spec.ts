import { strangersRule } from './federation.rules.js';

const stranger = (instance_id: string) => ({
  instance_id,
  key_id: '1a2b-3c4d-5e6f-7081',
  since: '2026-11-22T10:00:00.120Z',
  last_at: '2026-11-22T10:03:12.004Z',
});

it('is ok when every instance that asked is registered', () =>
  expect(strangersRule({ total: 0, latest: [] })).toEqual({
    state: 'ok',
    detail: 'Every instance that asked here lately is registered.',
    next: null,
  }));

it('names who is refused and why, and stays ok, since anybody can ask', () => {
  expect(strangersRule({ total: 1, latest: [stranger('inst-faro')] })).toEqual({
    state: 'ok',
    detail:
      '1 instance that is not registered here is refused, as they say: inst-faro (fingerprint 1a2b-3c4d-5e6f-7081, since 2026-11-22T10:00:00Z, last at 2026-11-22T10:03:12Z).',
    next: expect.stringContaining('ap infrastructure peers add'),
  });
});

it('names some and counts the others', () => {
  const { detail } = strangersRule({ total: 12, latest: [stranger('inst-a'), stranger('inst-b')] });
  expect(detail).toMatch(/^12 instances that are not registered here are refused, as they say: inst-a .+, inst-b .+, and 10 more\.$/);
});

it('warns when nobody knows', () =>
  expect(strangersRule(null)).toMatchObject({ state: 'warn', detail: expect.stringContaining('No process answers') }));
