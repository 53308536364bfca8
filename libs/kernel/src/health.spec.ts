import { HEALTHS, STATUSES, type Status, healthOf } from './health.js';

/** Spelt out a second time, from the other side: a word that moves, or a new one nobody placed, must show here. */
const WORDS = {
  up: ['connected', 'green'],
  degraded: ['degraded', 'reconnecting', 'restarting', 'recovering', 'amber'],
  down: ['disconnected', 'auth_failed', 'incompatible', 'quarantined', 'stale', 'red'],
  unknown: ['pending', 'enrolled', 'suspended', 'revoked', 'unknown'],
} as const satisfies Record<string, readonly Status[]>;

it.each(HEALTHS)('%s is the answer of exactly its words', (health) => {
  expect(STATUSES.filter((status) => healthOf(status) === health)).toEqual(WORDS[health]);
});
