import type { Projection } from '../contract.js';
import { isTroubled, modelAdvice, modelBrief, retriedWords, streamOfPosition } from './projections.js';

const model = (over: Partial<Projection> = {}): Projection => ({
  name: 'peer_directory',
  kind: 'projection',
  version: 4,
  stream: 'facts',
  state: 'running',
  health: 'up',
  position: 'f40',
  lag_events: 0,
  lag_seconds: 0,
  parked: 0,
  error: null,
  needs_release: null,
  building: null,
  rebuilt: null,
  ...over,
});

it.each([
  [{}, 'up to date', false],
  [{ lag_events: 7 }, '7 behind', false],
  [{ parked: 2, lag_events: 7 }, '2 parked', true],
  [{ building: { position: 'f3', target: 'f40' } }, 'rebuilding', true],
  [{ state: 'waiting', needs_release: '0.3.0', parked: 2 }, 'needs release >= 0.3.0', true],
  [{ state: 'halted', parked: 50 }, 'halted', true],
  [{ state: 'failed', error: 'No such column.' }, 'failed', true],
  [{ state: 'refused', error: 'column note is missing.' }, 'refused', true],
  [{ state: 'not_running' }, 'not running', true],
  [{ state: 'starting' }, 'starting', true],
  [{ state: 'standby' }, 'standby', true],
] as const)('%j reads %s', (over, brief, troubled) => {
  const one = model(over);
  expect([modelBrief(one), isTroubled(one)]).toEqual([brief, troubled]);
  expect(modelAdvice(one) === null).toBe(one.state === 'running');
});

it('says what to do about a model that stands still', () => {
  expect(modelAdvice(model({ state: 'waiting', needs_release: '0.3.0' }))).toContain('Upgrade to release 0.3.0 or newer');
  expect(modelAdvice(model({ state: 'halted' }))).toContain('Nothing is lost. Upgrade to a corrected release, then retry.');
  expect(modelAdvice(model({ state: 'failed', error: 'No such column.' }))).toMatch(/^No such column\. It tries again by itself/);
});

it.each([
  [1, 0, 'm: 1 row up to date again'],
  [3, 1, 'm: 1 row still parked, the cause is still there'],
  [0, 0, 'm: nothing is parked'],
])('tells a retry that released %i and left %i', (released, parked, words) => expect(retriedWords('m', { released, parked })).toBe(words));

it.each([
  ['f4', {}],
  ['c4~ab12', { stream: 'calls' }],
  ['t4', { stream: 'telemetry' }],
])('finds the events of %s', (position, stream) => expect(streamOfPosition(position)).toEqual(stream));
