import fc from 'fast-check';
import { healthOf } from '@app/kernel';
import { NOW, later } from '@app/kernel/testing';
import { LINK_REASONS, type LinkReason } from './events/link-reason.js';
import { PEER_STATUSES, type PeerStatusWord } from './events/peer-status.js';
import { type LinkObservation, answered, heard, missed, unseen } from './runtime/link-observation.js';
import { POLICY } from './runtime/policy.js';
import { peerSentence } from './peer-sentences.js';
import { NEW_LINK, type PeerStatus, type Observation, type PeerLifecycle, deriveStatus as derive, evaluateLink } from './peer-status.js';

/** With the sentence as it is read at `nowMs`. */
type Told = PeerStatus & { readonly sentence: string };
const deriveStatus = (peer: PeerLifecycle, observed: Observation | null = null, nowMs = 0): Told => {
  const status = derive(peer, observed, nowMs);
  const goodMs = observed?.link.lastGoodMs ?? null;
  const last_good_at = goodMs === null ? null : new Date(goodMs).toISOString();
  return { ...status, sentence: peerSentence(status.reason, { ...status.details, last_good_at }, nowMs) };
};

const states: PeerLifecycle[] = [
  { lifecycle: 'pending' },
  { lifecycle: 'active' },
  { lifecycle: 'suspended', until: null, note: '' },
  { lifecycle: 'suspended', until: later(60), note: 'key rotation' },
];

it.each(states)('%j is never up: nobody has looked', (state) => {
  expect(healthOf(deriveStatus(state).status)).toBe('unknown');
});

it.each(states)('%j says why', (state) => {
  const { reason, sentence } = deriveStatus(state);
  expect(reason).toMatch(/^[a-z_]+$/);
  expect(sentence).toMatch(/^[A-Z].{20,}/);
});

it('says which side of a pending peer is missing', () => {
  expect(deriveStatus({ lifecycle: 'pending' })).toMatchObject({
    status: 'pending',
    reason: 'never_connected',
    sentence: 'Waiting for the mutual challenge: this side has registered the peer; the other side has not answered yet.',
  });
});

it.each([
  [null, '', 'Suspended by an operator until further notice.'],
  [null, 'key rotation', 'Suspended by an operator until further notice: key rotation'],
  [later(60), '', `Suspended by an operator until ${later(60)}.`],
])('says until when and why it is suspended', (until, note, sentence) => {
  expect(deriveStatus({ lifecycle: 'suspended', until, note })).toMatchObject({
    status: 'suspended',
    reason: 'suspended_by_operator',
    sentence,
  });
});

describe('an active peer', () => {
  const T0 = Date.parse(NOW);
  const LATE = 27_500;
  const GONE = 50_000;
  const started = unseen(T0, null);
  const answer = { rttMs: 20, aheadMs: 0, theirView: 'connected' as const };
  /** It answered and was heard at T0. */
  const good = heard(answered(started, answer, T0, POLICY), 'connected', T0);
  const failing = (link: LinkObservation, times: number, reason: LinkReason = 'connect_refused', atMs = T0): LinkObservation =>
    Array.from({ length: times }).reduce<LinkObservation>(
      (observation) => missed(observation, { reason, detail: 'It is so.' }, atMs),
      link,
    );
  const answering = (link: LinkObservation, ...atMs: number[]): LinkObservation =>
    atMs.reduce((observed, at) => answered(observed, answer, at, POLICY), link);

  const evaluated = (link: LinkObservation, afterMs: number, more: Partial<Observation> = {}) =>
    deriveStatus(
      { lifecycle: 'active' },
      { link, said: { status: 'connected', reason: null }, isCorrelated: false, otherKey: null, ...more },
      T0 + afterMs,
    );
  const was = (status: PeerStatusWord, reason: LinkReason | null) => ({ said: { status, reason } });
  const words = ({ status, reason }: PeerStatus): string => (reason === null ? status : `${status} ${reason}`);

  it.each<[string, LinkObservation, number, Partial<Observation>, string]>([
    ['answers and is heard', good, 0, {}, 'connected'],
    ['did so up to 1.5 N + 5 s ago', good, LATE, {}, 'connected'],
    ['answered longer ago', heard(good, null, T0 + LATE), LATE + 1, {}, 'degraded heartbeat_late'],
    ['is heard by nobody here', answering(good, T0 + LATE), LATE + 1, {}, 'degraded one_way'],
    ['has suspended us', { ...good, theirView: 'suspended' }, 0, {}, 'degraded suspended_by_operator'],
    ['failed once, a moment after it answered', failing(good, 1), 1_000, {}, 'connected'],
    ['failed twice, 3 N + 5 s after it answered', failing(good, 2, 'heartbeat_timeout'), GONE, {}, 'degraded heartbeat_late'],
    ['failed twice, longer after', failing(good, 2, 'heartbeat_timeout'), GONE + 1, {}, 'disconnected heartbeat_timeout'],
    ['failed once, however long after', failing(good, 1, 'heartbeat_timeout'), GONE * 9, {}, 'degraded heartbeat_late'],
    ['refused connections twice', failing(good, 2), 1_000, {}, 'connected'],
    ['refused connections three times', failing(good, 3), 1_000, {}, 'disconnected connect_refused'],
    ['has no name any more', failing(good, 3, 'dns_failure'), 1_000, {}, 'disconnected dns_failure'],
    ['is not trusted any more', failing(good, 3, 'tls_failure'), 1_000, {}, 'disconnected tls_failure'],
    ['was silent three times', failing(good, 3, 'heartbeat_timeout'), 1_000, {}, 'connected'],
    ['was hard to reach, but not three times in a row', failing(failing(failing(good, 2), 1, 'error_rate'), 2), 1_000, {}, 'connected'],
    ['refuses us', failing(good, 1, 'auth_rejected'), 0, {}, 'auth_failed auth_rejected'],
    ['signs wrongly', failing(good, 1, 'signature_invalid'), 0, {}, 'auth_failed signature_invalid'],
    ['speaks another version', failing(good, 1, 'protocol_mismatch'), 0, {}, 'incompatible protocol_mismatch'],
    [
      'refused us, and then was gone',
      failing(failing(good, 1, 'auth_rejected'), 2),
      GONE + 1,
      was('auth_failed', 'auth_rejected'),
      'disconnected connect_refused',
    ],
    [
      'refused us, and then was silent once',
      failing(failing(good, 1, 'auth_rejected'), 1, 'heartbeat_timeout'),
      1_000,
      was('auth_failed', 'auth_rejected'),
      'auth_failed auth_rejected',
    ],
    [
      'was red and answered once',
      answering(failing(good, 3), T0),
      0,
      was('disconnected', 'connect_refused'),
      'disconnected connect_refused',
    ],
    [
      'was red and answered twice at once',
      answering(failing(good, 3), T0, T0 + 4_999),
      4_999,
      was('disconnected', 'connect_refused'),
      'disconnected connect_refused',
    ],
    [
      'was red and answered twice, 5 s apart',
      answering(failing(good, 3), T0, T0 + 5_000),
      5_000,
      was('disconnected', 'connect_refused'),
      'connected',
    ],
    [
      'was refusing us and answered twice, 5 s apart',
      answering(failing(good, 1, 'auth_rejected'), T0, T0 + 5_000),
      5_000,
      was('auth_failed', 'auth_rejected'),
      'connected',
    ],
    ['answered for the first time', answering(started, T0 + 100), 100, was('unknown', 'observer_unhealthy'), 'connected'],
    ['was late and answered once', answering(failing(good, 1), T0 + 30_000), 30_000, was('degraded', 'heartbeat_late'), 'degraded one_way'],
    ['has not answered since we started', failing(started, 3), 20_000, {}, 'unknown observer_unhealthy'],
    [
      'was red, and has not answered since we started',
      failing(started, 3),
      20_000,
      was('disconnected', 'dns_failure'),
      'disconnected dns_failure',
    ],
    ['did not answer for a whole grace window', failing(started, 3), GONE + 1, {}, 'disconnected connect_refused'],
    ['was not even asked for a whole grace window', started, GONE + 1, {}, 'unknown observer_unhealthy'],
    ['is late with most others', failing(good, 2), LATE + 1, { isCorrelated: true }, 'unknown observer_unhealthy'],
    ['is gone with most others', failing(good, 3), GONE + 1, { isCorrelated: true }, 'unknown observer_unhealthy'],
    ['failed with most others, and answered a moment ago', failing(good, 1), 1_000, { isCorrelated: true }, 'connected'],
    [
      'was red before most others were gone',
      failing(good, 3),
      GONE + 1,
      { isCorrelated: true, ...was('disconnected', 'connect_refused') },
      'disconnected connect_refused',
    ],
    [
      'is red, and failed otherwise once',
      failing(failing(good, 3), 1, 'heartbeat_timeout'),
      GONE + 1,
      was('disconnected', 'connect_refused'),
      'disconnected connect_refused',
    ],
    [
      'is red, and failed otherwise twice',
      failing(failing(good, 3), 2, 'heartbeat_timeout'),
      GONE + 1,
      was('disconnected', 'connect_refused'),
      'disconnected heartbeat_timeout',
    ],
  ])('that %s', (_what, link, afterMs, more, expected) => expect(words(evaluated(link, afterMs, more))).toBe(expected));

  const timed = (...rtts: number[]): LinkObservation =>
    rtts.reduce((link, rttMs) => answered(link, { ...answer, rttMs }, T0, POLICY), good);
  it.each<[string, LinkObservation, string]>([
    ['slow once', timed(1_500), 'connected'],
    ['slow twice', timed(1_500, 1_200), 'degraded slow'],
    ['slow twice, long ago', timed(1_500, 1_200, ...Array.from({ length: 19 }, () => 20)), 'connected'],
    ['at the limit', timed(1_000, 1_000, 1_000), 'connected'],
  ])('that is %s', (_what, link, expected) => expect(words(evaluated(link, 0))).toBe(expected));

  const clock = (...ahead: [rttMs: number, aheadMs: number][]): LinkObservation =>
    ahead.reduce<LinkObservation>((link, [rttMs, aheadMs]) => answered(link, { ...answer, rttMs, aheadMs }, T0, POLICY), {
      ...good,
      clocks: [],
    });
  it.each<[string, LinkObservation, string, RegExp]>([
    ['4 s off', clock([20, 4_000]), 'connected', /^Both sides hear each other\.$/],
    ['7 s off', clock([20, -7_000]), 'connected', /Its clock is 7 s behind ours\.$/],
    ['60 s off', clock([20, 60_000]), 'degraded clock_skew', /^Its clock is 60 s ahead of ours\./],
    ['off in a slow round trip, and right in a quick one', clock([900, 61_000], [10, 0]), 'connected', /hear each other\.$/],
  ])('whose clock is %s', (_what, link, expected, sentence) => {
    expect(words(evaluated(link, 0))).toBe(expected);
    expect(evaluated(link, 0).sentence).toMatch(sentence);
  });

  it('says with which secret it signs, where that is another', () => {
    const refused = failing(good, 1, 'auth_rejected');
    expect(evaluated(refused, 0, { otherKey: '0000-1111-2222-3333' }).sentence).toContain('its is 0000-1111-2222-3333.');
    expect(evaluated(refused, 0).sentence).not.toContain('another secret than this side');
  });
});

describe('a pending peer', () => {
  const T0 = Date.parse(NOW);
  const pending = (reason: LinkReason | null, otherKey: string | null = null): Told => {
    const link = reason === null ? unseen(T0, null) : missed(unseen(T0, null), { reason, detail: 'It is so.' }, T0);
    return deriveStatus(
      { lifecycle: 'pending' },
      { link, said: { status: 'pending', reason: 'never_connected' }, isCorrelated: false, otherKey },
      T0,
    );
  };

  it.each<[string, Told, string, RegExp]>([
    ['was not asked yet', pending(null), 'pending never_connected', /has not answered yet\.$/],
    ['refuses us', pending('auth_rejected'), 'pending auth_rejected', /has not registered it yet, or holds another secret\.$/],
    ['refuses us, and signs with another secret', pending('auth_rejected', 'aaaa'), 'auth_failed auth_rejected', /its is aaaa\.$/],
    ['signs wrongly', pending('signature_invalid'), 'auth_failed signature_invalid', /^It is so\.$/],
    ['speaks another version', pending('protocol_mismatch'), 'incompatible protocol_mismatch', /^It is so\.$/],
    ['is not there', pending('connect_refused'), 'pending connect_refused', /is not reached\. It is so\.$/],
  ])('that %s', (_what, { status, reason, sentence }, expected, says) => {
    expect(`${status} ${reason}`).toBe(expected);
    expect(sentence).toMatch(says);
  });
});

describe('whatever was seen', () => {
  const T0 = Date.parse(NOW);
  const reason = fc.constantFrom(...LINK_REASONS);
  const step = fc.record({
    ms: fc.integer({ min: 1, max: 40_000 }),
    what: fc.oneof(
      fc.record({ rttMs: fc.nat(3_000), aheadMs: fc.integer({ min: -90_000, max: 90_000 }), theirView: fc.constantFrom(...PEER_STATUSES) }),
      fc.record({ reason }),
      fc.constant('heard' as const),
      fc.constant('silence' as const),
    ),
    isCorrelated: fc.boolean(),
  });

  interface Moment {
    readonly link: LinkObservation;
    readonly before: PeerStatus;
    readonly now: Told;
    readonly nowMs: number;
  }
  /** Walks a link through a history, each status said before the next. */
  const always = (check: (moment: Moment) => void): void =>
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let [link, nowMs] = [unseen(T0, null), T0];
        let before: PeerStatus = { status: 'unknown', reason: 'observer_unhealthy', details: {} };
        for (const { ms, what, isCorrelated } of steps) {
          nowMs += ms;
          if (what === 'heard') link = heard(link, null, nowMs);
          else if (what !== 'silence')
            link =
              'reason' in what ? missed(link, { reason: what.reason, detail: 'It is so.' }, nowMs) : answered(link, what, nowMs, POLICY);
          const now = deriveStatus({ lifecycle: 'active' }, { link, said: before, isCorrelated, otherKey: null }, nowMs);
          check({ link, before, now, nowMs });
          before = now;
        }
      }),
      { numRuns: 300 },
    );

  it('is never green without an answer inside the window', () =>
    always(({ link, now, nowMs }) => {
      if (now.status !== 'connected') return;
      expect(nowMs - (link.lastOutMs ?? 0)).toBeLessThanOrEqual(27_500);
      expect(nowMs - Math.max(link.lastInMs ?? 0, link.sinceMs)).toBeLessThanOrEqual(27_500);
    }));

  it('says why, unless it is connected', () =>
    always(({ now: { status, reason: why, sentence } }) => {
      expect(why === null).toBe(status === 'connected');
      expect(sentence).toMatch(/^[A-Z].{5,490}\.$/);
    }));

  it('becomes disconnected only after two failures, and never while it is merely slow or skewed', () =>
    always(({ link, before, now }) => {
      if (now.status === 'disconnected' && before.status !== 'disconnected') expect(link.failures).toBeGreaterThanOrEqual(2);
    }));

  it('leaves red only for another red, or after two answers', () =>
    always(({ link, before, now }) => {
      if (healthOf(before.status) === 'down' && healthOf(now.status) !== 'down') expect(link.goods).toBeGreaterThanOrEqual(2);
    }));
});

describe('a link that changes again and again', () => {
  const T0 = Date.parse(NOW);
  const good = heard(answered(unseen(T0, null), { rttMs: 20, aheadMs: 0, theirView: 'connected' }, T0, POLICY), 'connected', T0);
  const suspended: LinkObservation = { ...good, theirView: 'suspended' };
  /** Evaluated each second, as the link supervisor does; answers what was shown, each time it changed. */
  const shownOf = (seconds: number, linkAt: (second: number) => LinkObservation): string[] => {
    let memory = NEW_LINK;
    let said: Observation['said'] = { status: 'connected', reason: null };
    const shown: string[] = [];
    for (let second = 0; second < seconds; second++) {
      const nowMs = T0 + second * 1_000;
      const link = { ...linkAt(second), lastOutMs: nowMs, lastInMs: nowMs };
      const now = evaluateLink(memory, { lifecycle: 'active' }, { link, said, isCorrelated: false, otherKey: null }, nowMs, POLICY);
      memory = now.memory;
      const words = `${now.shown.status} ${now.shown.reason}`;
      if (shown.at(-1) !== words) shown.push(words);
      said = now.shown;
    }
    return shown;
  };

  it('is flapping, however often it changes', () => {
    const often = (seconds: number): string[] => shownOf(seconds, (second) => (Math.floor(second / 4) % 2 === 0 ? good : suspended));
    expect(often(40).at(-1)).toBe('degraded flapping');
    expect(often(3_600)).toEqual(often(40));
    expect(often(40).length).toBeLessThanOrEqual(7);
  });

  it('is shown as it is again once it was quiet for a while', () => {
    const shown = shownOf(600, (second) => (second < 40 && Math.floor(second / 4) % 2 === 1 ? suspended : good));
    expect(shown.slice(-2)).toEqual(['degraded flapping', 'connected null']);
  });

  it('is red at once when it stays away for a grace window after it flapped', () => {
    const failure = { reason: 'connect_refused', detail: 'It refuses connections.', times: 3 } as const;
    const gone: LinkObservation = { ...good, goods: 0, failures: 3, hardFailures: 3, failure };
    const linkAt = (second: number): LinkObservation => (Math.floor(second / 4) % 2 === 0 ? good : suspended);
    const flapped = ['connected null', 'degraded suspended_by_operator', 'connected null'];
    const until = (seconds: number): string[] => shownOf(seconds, (second) => (second < 40 ? linkAt(second) : gone));
    expect(until(90).slice(-1)).toEqual(['degraded flapping']);
    expect(until(91).slice(0, 3)).toEqual(flapped);
    expect(until(91).slice(-2)).toEqual(['degraded flapping', 'disconnected connect_refused']);
  });

  it('is not flapping when it changes once', () => {
    expect(shownOf(600, (second) => (second < 100 ? good : suspended))).toEqual(['connected null', 'degraded suspended_by_operator']);
  });
});
