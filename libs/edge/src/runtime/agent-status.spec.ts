import fc from 'fast-check';
import { agentSentence } from '../agent-sentences.js';
import { AGENT_REASONS } from '../events/agent-reason.js';
import { AGENT_STATUSES } from '../events/agent-status.js';
import { GATEWAY_STATES, type GatewayState } from '../events/gateway-state.js';
import { AGENT_POLICY as POLICY } from './agent-policy.js';
import { type Link, type Loss, NEW_AGENT, type Observation, deriveStatus, evaluateAgent, isInTime, isProved } from './agent-status.js';
import { isCorrelatedFailure } from './correlated-failure.js';
import { type Introduction, introduced, isAlone, duplicatesAmong } from './duplicate-identity.js';

const T = 1_000_000;
const beside = (...states: GatewayState[]): Link['gateways'] => states.map((state, i) => ({ name: `gw-${i}`, state, reason: null }));
const link: Link = {
  acceptedMs: T - 60_000,
  isReturn: false,
  fullReportMs: T - 59_000,
  lastSyncMs: T - 1_000,
  syncMs: 60_000,
  rttsMs: [10, 12, 11, 9, 10],
  pongs: [true, true, true, true, true],
  outbox: 0,
  clockOffsetMs: 5,
  disk: 0.5,
  gateways: beside('ready', 'starting', 'draining'),
};
const nothing: Observation = { link: null, loss: null, duplicates: null, before: { status: 'enrolled', reason: 'never_connected' } };
const was = (status: Observation['before']['status'], reason: Observation['before']['reason'] = null): Pick<Observation, 'before'> => ({
  before: { status, reason },
});
const connected = (more: Partial<Link> = {}, observed: Partial<Observation> = {}): Observation => ({
  ...nothing,
  ...was('connected'),
  ...observed,
  link: { ...link, ...more },
});
const lost = (loss: Loss): Observation => ({ ...nothing, ...was('connected'), loss });
const broken = (agoMs: number): Observation => lost({ how: 'broken', atMs: T - agoMs, reason: 'connection_lost', lost: 'broken' });
const slow = (ms: number): Partial<Link> => ({ rttsMs: Array.from({ length: 20 }, () => ms) });

it.each<[string, Observation, string, string | null]>([
  ['never connected', nothing, 'enrolled', 'never_connected'],
  ['connected for the first time, a moment ago', connected({ acceptedMs: T - 9_999 }, was('enrolled')), 'enrolled', 'starting'],
  ['connected for the first time, without a full report', connected({ fullReportMs: null }, was('enrolled')), 'enrolled', 'starting'],
  ['connected for the first time, and stable', connected({ acceptedMs: T - 10_000 }, was('enrolled')), 'connected', null],
  [
    'that never reports',
    connected({ fullReportMs: null, lastSyncMs: null, acceptedMs: T - 180_001 }, was('enrolled')),
    'degraded',
    'sync_stale',
  ],
  ['back after it was red', connected({ acceptedMs: T - 1 }, was('disconnected')), 'reconnecting', 'starting'],
  ['back after it was unknown for too long', connected({ acceptedMs: T - 1 }, was('unknown')), 'reconnecting', 'starting'],
  [
    'back in time',
    connected({ acceptedMs: T, fullReportMs: null, lastSyncMs: null, isReturn: true }, was('reconnecting')),
    'connected',
    null,
  ],

  ['with one missed pong', connected({ pongs: [true, false, true, true, true] }), 'connected', null],
  ['with two missed pongs', connected({ pongs: [true, false, true, false, true] }), 'degraded', 'heartbeat_late'],
  ['with two missed pongs long ago', connected({ pongs: [false, false, true, true, true, true, true] }), 'connected', null],
  ['whose disk is 90 % full', connected({ disk: 0.9 }), 'degraded', 'disk_full'],
  ['whose disk is nearly 90 % full', connected({ disk: 0.8999 }), 'connected', null],
  ['whose disk was full and is 87 % full', connected({ disk: 0.87 }, was('degraded', 'disk_full')), 'degraded', 'disk_full'],
  ['whose disk was full and is below 87 %', connected({ disk: 0.8699 }, was('degraded', 'disk_full')), 'connected', null],
  ['that does not say how full its disk is', connected({ disk: null }, was('degraded', 'disk_full')), 'connected', null],
  ['whose clock is fast', connected({ clockOffsetMs: 60_000 }), 'degraded', 'clock_skew'],
  ['whose clock is slow', connected({ clockOffsetMs: -60_000 }), 'degraded', 'clock_skew'],
  ['whose clock is a little off', connected({ clockOffsetMs: 59_999 }), 'connected', null],
  ['whose clock was off and is a little', connected({ clockOffsetMs: 50_000 }, was('degraded', 'clock_skew')), 'degraded', 'clock_skew'],
  ['whose clock was off and is not', connected({ clockOffsetMs: 47_000 }, was('degraded', 'clock_skew')), 'connected', null],
  ['that reported three intervals ago', connected({ lastSyncMs: T - 180_000 }), 'connected', null],
  ['that reported longer ago', connected({ lastSyncMs: T - 180_001 }), 'degraded', 'sync_stale'],
  ['with a queue', connected({ outbox: 0.8 }), 'connected', null],
  ['with a long queue', connected({ outbox: 0.81 }), 'degraded', 'queue_backlog'],
  ['with a queue that was long', connected({ outbox: 0.7 }, was('degraded', 'queue_backlog')), 'degraded', 'queue_backlog'],
  ['with a queue that is short again', connected({ outbox: 0.64 }, was('degraded', 'queue_backlog')), 'connected', null],
  ['with a gateway that cannot be reached', connected({ gateways: beside('ready', 'unreachable') }), 'degraded', 'dependency_down'],
  ['with a gateway that is not ready', connected({ gateways: beside('not_ready') }), 'degraded', 'dependency_down'],
  ['with a gateway that is another service', connected({ gateways: beside('not_openclaw') }), 'degraded', 'dependency_down'],
  ['with a gateway that does not let it in', connected({ gateways: beside('unauthorised') }), 'degraded', 'dependency_down'],
  [
    'with a gateway that is ready and has a channel that is down',
    connected({ gateways: [{ name: 'gw-0', state: 'ready', reason: 'dependency_down' }] }),
    'degraded',
    'dependency_down',
  ],
  ['with gateways that start and drain', connected({ gateways: beside('starting', 'draining') }), 'connected', null],
  ['without a gateway', connected({ gateways: [] }), 'connected', null],
  ['that is slow', connected(slow(751)), 'degraded', 'slow'],
  ['that is not too slow', connected(slow(750)), 'connected', null],
  ['that was slow', connected(slow(700), was('degraded', 'slow')), 'degraded', 'slow'],
  ['that is fast again', connected(slow(600), was('degraded', 'slow')), 'connected', null],
  ['that was slow once', connected({ rttsMs: [...Array.from({ length: 19 }, () => 10), 9_000] }), 'connected', null],
  ['that was slow from the start, four times', connected({ rttsMs: [9_000, 9_000, 9_000, 9_000] }), 'connected', null],

  ['gone a moment ago', broken(0), 'reconnecting', 'connection_lost'],
  ['gone for almost the grace', broken(14_999), 'reconnecting', 'connection_lost'],
  ['gone for the grace', broken(15_000), 'disconnected', 'connection_lost'],
  ['gone for almost a day', broken(24 * 3_600_000 - 1), 'disconnected', 'connection_lost'],
  ['gone for a day', broken(24 * 3_600_000), 'stale', 'connection_lost'],
  ['silent', lost({ how: 'broken', atMs: T - 15_000, reason: 'heartbeat_timeout', lost: 'broken' }), 'disconnected', 'heartbeat_timeout'],
  ['that said goodbye', lost({ how: 'goodbye', atMs: T }), 'disconnected', 'remote_goodbye'],
  ['that said goodbye a day ago', lost({ how: 'goodbye', atMs: T - 24 * 3_600_000 }), 'stale', 'remote_goodbye'],
  ['that promised to be back', lost({ how: 'restarting', atMs: T - 60_000, backByMs: T + 1 }), 'restarting', 'remote_restarting'],
  ['that broke its promise', lost({ how: 'restarting', atMs: T - 60_000, backByMs: T }), 'disconnected', 'remote_restarting'],
  ['nobody could see', lost({ how: 'unobserved', atMs: T - 69_999, graceMs: 70_000, lost: 'broken' }), 'unknown', 'observer_unhealthy'],
  [
    'nobody could see, among many',
    lost({ how: 'unobserved', atMs: T - 249_999, graceMs: 250_000, lost: 'broken' }),
    'unknown',
    'observer_unhealthy',
  ],
  [
    'nobody could see, and is not there',
    lost({ how: 'unobserved', atMs: T - 70_000, graceMs: 70_000, lost: 'broken' }),
    'disconnected',
    'heartbeat_timeout',
  ],
  ['that was down before', lost({ how: 'down', atMs: T - 60_000, reason: 'remote_goodbye' }), 'disconnected', 'remote_goodbye'],
  ['with a twin', { ...connected(), duplicates: { hostnames: ['a', 'b'], heardMs: T - 899_999 } }, 'quarantined', 'duplicate_identity'],
  [
    'whose twin fell silent, as it did',
    { ...nothing, duplicates: { hostnames: ['a', 'b'], heardMs: T - 900_000 } },
    'disconnected',
    'duplicate_identity',
  ],
])('an agent %s', (_name, observation, status, reason) => {
  const evaluation = deriveStatus(observation, T, POLICY);
  expect([evaluation.status, evaluation.reason]).toEqual([status, reason]);
});

it('says when it promised to be back, and only then', () => {
  expect(deriveStatus(lost({ how: 'restarting', atMs: T, backByMs: T + 5 }), T, POLICY).expectedBackMs).toBe(T + 5);
  expect(deriveStatus(lost({ how: 'restarting', atMs: T, backByMs: T }), T, POLICY).expectedBackMs).toBeNull();
  expect(deriveStatus(connected(), T, POLICY).expectedBackMs).toBeNull();
});

const ms = fc.integer({ min: 0, max: 2 * 24 * 3_600_000 });
const before = fc.record({ status: fc.constantFrom(...AGENT_STATUSES), reason: fc.option(fc.constantFrom(...AGENT_REASONS)) });
const anyLink = fc
  .record({
    forMs: ms,
    isReturn: fc.boolean(),
    reportedMs: fc.option(ms),
    syncedMs: fc.option(ms),
    rttsMs: fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 20 }),
    pongs: fc.array(fc.boolean(), { maxLength: 5 }),
    outbox: fc.double({ min: 0, max: 1, noNaN: true }),
    clockOffsetMs: fc.option(fc.integer({ min: -200_000, max: 200_000 })),
    disk: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    gateways: fc.array(fc.constantFrom(...GATEWAY_STATES), { maxLength: 3 }).map((states) => beside(...states)),
  })
  .map(({ forMs, reportedMs, syncedMs, ...rest }): Link => ({
    ...rest,
    syncMs: 60_000,
    acceptedMs: -forMs,
    fullReportMs: reportedMs === null ? null : -Math.min(reportedMs, forMs),
    lastSyncMs: syncedMs === null ? null : -Math.min(syncedMs, forMs),
  }));
const anyLoss = fc.oneof(
  ms.map((ago): Loss => ({ how: 'broken', atMs: -ago, reason: 'connection_lost', lost: 'broken' })),
  ms.map((ago): Loss => ({ how: 'goodbye', atMs: -ago })),
  fc.tuple(ms, fc.integer({ min: -100_000, max: 100_000 })).map(([ago, backByMs]): Loss => ({ how: 'restarting', atMs: -ago, backByMs })),
  fc
    .tuple(ms, fc.integer({ min: 70_000, max: 500_000 }))
    .map(([ago, graceMs]): Loss => ({ how: 'unobserved', atMs: -ago, graceMs, lost: 'broken' })),
  ms.map((ago): Loss => ({ how: 'down', atMs: -ago, reason: 'remote_goodbye' })),
);
const observation = fc.oneof(
  fc.record({ link: anyLink, loss: fc.constant(null), duplicates: fc.constant(null), before }),
  fc.record({ link: fc.constant(null), loss: anyLoss, duplicates: fc.constant(null), before }),
);
const always = (check: (observed: Observation, evaluation: ReturnType<typeof deriveStatus>) => void): void =>
  fc.assert(
    fc.property(observation, (one) => check(one, deriveStatus(one, 0, POLICY))),
    { numRuns: 500 },
  );

it('is red only without a tunnel, and green only with one that is a connection', () =>
  always(({ link: one }, { status }) => {
    if (['disconnected', 'stale', 'restarting', 'unknown'].includes(status)) expect(one).toBeNull();
    if (status === 'connected') expect(one !== null && isProved(one, 0, POLICY)).toBe(true);
  }));

it('says why unless it is connected, in a sentence that fits', () =>
  always((_seen, { status, reason, details }) => {
    const sentence = agentSentence(reason, details, 0);
    expect(reason === null).toBe(status === 'connected');
    expect(sentence).toMatch(/^.{5,500}\.$/);
  }));

it('lets an agent in at once exactly while it is not called down', () =>
  always((one, { status }) => {
    if (one.loss === null) return;
    expect(isInTime(one.loss, 0, POLICY)).toBe(['reconnecting', 'restarting', 'unknown'].includes(status) || isInTimeWhenStale(one.loss));
  }));
/** A promise, or a doubt, of a day is no promise: no policy and no agent gives one. */
const isInTimeWhenStale = (loss: Loss): boolean => isInTime(loss, 0, POLICY) && -loss.atMs >= POLICY.staleMs;

it('once lost only gets worse with time', () => {
  const RANK = ['unknown', 'reconnecting', 'restarting', 'disconnected', 'stale'];
  fc.assert(
    fc.property(anyLoss, ms, ms, (loss, a, b) => {
      const at = (nowMs: number): number => RANK.indexOf(deriveStatus(lost(loss), nowMs, POLICY).status);
      expect(at(Math.max(a, b))).toBeGreaterThanOrEqual(at(Math.min(a, b)));
    }),
  );
});

describe('what a reader is told', () => {
  const told = (observed: Observation): string => {
    const { reason, details } = deriveStatus(observed, T, POLICY);
    return agentSentence(reason, { ...details, last_sync_at: new Date(T - 240_000).toISOString() }, T);
  };
  it.each<[string, Observation, string]>([
    [
      'names the gateways that do not serve',
      connected({ gateways: beside('ready', 'unreachable', 'not_ready') }),
      '2 of its gateways are not well: gw-1, gw-2.',
    ],
    [
      'counts the time without a report when it is read',
      connected({ lastSyncMs: T - 200_000 }),
      'It has not reported for 4 min; it should every 60 s.',
    ],
    ['has the share of the queue', connected({ outbox: 0.93 }), 'Its queue is 93 % full.'],
    ['has the round trips', connected(slow(900)), 'The p95 of its round trips is 900 ms.'],
    ['has the pings', connected({ pongs: [false, false, true] }), '2 of the last 3 pings got no answer in time.'],
    ['has the clock', connected({ clockOffsetMs: -61_000 }), 'Its clock is off by 61 s.'],
    ['says how it was lost', broken(20_000), 'The connection broke without a goodbye. It did not come back within 15 s.'],
  ])('%s', (_what, observed, sentence) => expect(told(observed)).toBe(sentence));
});

describe('an agent that changes again and again', () => {
  /** Evaluated each second; answers what was shown, each time it changed. */
  const shownOf = (seconds: number, seenAt: (second: number) => Observation): string[] => {
    let memory = NEW_AGENT;
    let before: Observation['before'] = { status: 'connected', reason: null };
    const shown: string[] = [];
    for (let second = 0; second < seconds; second++) {
      const now = evaluateAgent(memory, { ...seenAt(second), before }, T, { ...POLICY, evaluationMs: 15_000 });
      memory = {
        ...now.memory,
        flap: { ...now.memory.flap, statusHistory: now.memory.flap.statusHistory.map((one) => ({ ...one, atMs: one.atMs - 1_000 })) },
      };
      const words = `${now.shown.status} ${now.shown.reason}`;
      if (shown.at(-1) !== words) shown.push(words);
      before = now.shown;
    }
    return shown;
  };
  const crashing = (second: number): Observation => (second % 7 < 5 ? connected({ isReturn: true }) : broken(1_000));

  it('is flapping when it crashes six times in 40 s, and for as long as it goes on', () => {
    const shown = shownOf(40, crashing);
    expect(shown.at(-1)).toBe('degraded flapping');
    expect(shown.length).toBeLessThanOrEqual(7);
    expect(shownOf(3_600, crashing)).toEqual(shown);
  });

  it('is flapping when it never gets as far as to be connected', () => {
    const young = (second: number): Observation =>
      second % 7 < 5 ? connected({ acceptedMs: T - 3_000, fullReportMs: null }) : broken(1_000);
    expect(shownOf(3_600, young)).toEqual(shownOf(60, young));
    expect(shownOf(60, young).at(-1)).toBe('degraded flapping');
  });

  it('is shown as it is again when it was quiet', () => {
    expect(shownOf(600, (second) => (second < 40 ? crashing(second) : connected())).slice(-2)).toEqual([
      'degraded flapping',
      'connected null',
    ]);
    expect(shownOf(600, (second) => (second < 40 ? crashing(second) : broken(60_000))).slice(-2)).toEqual([
      'degraded flapping',
      'disconnected connection_lost',
    ]);
  });

  it('hides no duplicate identity', () => {
    const duplicates = { hostnames: ['a', 'b'], heardMs: T };
    expect(shownOf(60, (second) => (second < 40 ? crashing(second) : { ...connected(), duplicates })).at(-1)).toBe(
      'quarantined duplicate_identity',
    );
  });
});

describe('doubt', () => {
  const at = (count: number, agoMs = 0): number[] => Array.from({ length: count }, () => T - agoMs);
  it.each([
    ['three of five at once', at(3), 2, true],
    ['half', at(3), 3, false],
    ['two of two', at(2), 0, false],
    ['many, one after the other', [...at(2), ...at(8, 15_000)], 0, false],
    ['none', [], 0, false],
  ])('%s: %s', (_name, brokenMs, stand, isCorrelated) => expect(isCorrelatedFailure(brokenMs, stand, T, POLICY)).toBe(isCorrelated));
});

describe('twins', () => {
  const after = (boots: string, everyMs = 1_000): Introduction[] =>
    [...boots].reduce<Introduction[]>(
      (known, bootId, i) => introduced(known, { bootId, hostname: `host-${bootId}`, atMs: T + i * everyMs }, POLICY),
      [],
    );
  it.each([
    ['a', null],
    ['aaaaaaaa', null],
    ['abcdefgh', null],
    ['aba', null],
    ['abab', ['host-a', 'host-b']],
    ['aabbaabb', ['host-a', 'host-b']],
    ['cabab', ['host-a', 'host-b']],
    ['aacabb', null],
  ])('%s', (boots, names) => expect(duplicatesAmong(after(boots), POLICY)).toEqual(names));

  it('who take turns more slowly are none', () => expect(duplicatesAmong(after('ababab', 150_000), POLICY)).toBeNull());
  it('are alone when only one was heard for five minutes', () => {
    expect(isAlone(after('ab', 299_999))).toBe(false);
    expect(isAlone(after('ab', 300_000))).toBe(true);
  });
  it('are remembered to a bound', () => expect(after('ab'.repeat(100), 1)).toHaveLength(16));
});
