import { isOwnChallenge, makeChallenge } from './challenge.js';

const NOW = Date.parse('2026-02-01T12:00:00.000Z');
const between = { secret: 'correct horse battery staple', me: 'inst-b', peer: 'inst-a' };
const challenge = makeChallenge(between, NOW);

it('knows its own again, for a minute', () => {
  expect([0, 60_000, 60_001].map((ms) => isOwnChallenge(challenge, between, NOW + ms))).toEqual([true, true, false]);
});

it('makes another each time', () => expect(makeChallenge(between, NOW)).not.toBe(challenge));

it.each([
  ['for another peer', challenge, { ...between, peer: 'inst-c' }],
  ['by another instance', challenge, { ...between, me: 'inst-c' }],
  ['the other way round', challenge, { ...between, me: 'inst-a', peer: 'inst-b' }],
  ['with another secret', challenge, { ...between, secret: 'another secret altogether' }],
  ['made to last longer', challenge.replace(/^\d+/, (until) => String(Number(until) + 1)), between],
  ['with another core', challenge.replace(/\.[^.]{22}\./, `.${'A'.repeat(22)}.`), between],
  ['cut short', challenge.slice(0, -1), between],
  ['that is nothing', '', between],
])('knows none %s', (_what, text, of) => expect(isOwnChallenge(text, of, NOW)).toBe(false));
