import { NOW, stored } from '@app/kernel/testing';
import type { NewEvent } from '@app/kernel';
import { registered, verified } from '../../../testing/index.js';
import { FakeTiming } from '../../../testing/fake-timing.js';
import type { HeartbeatMissed, HeartbeatReceived } from '../events/index.js';
import type { LinkTarget, NotReached, Outcome } from './link-client.provider.js';
import { HeartbeatAnswer, type HeartbeatAsk, HelloAnswer } from './messages.js';
import { type CachedPeer, cachedPeer } from './cached-peer.js';
import { HeartbeatLoop } from './heartbeat-loop.js';

const T0 = Date.parse(NOW);
const own = { boot_id: 'boot-b', sent_at: NOW, protocol_min: 1, protocol_max: 1 };
const helloAnswer = (more: Partial<HelloAnswer> = {}): HelloAnswer =>
  Object.assign(new HelloAnswer(), { ...own, challenge: 'a challenge', your_status: 'unknown' as const, ...more });
const beatAnswer = (more: Partial<HeartbeatAnswer> = {}): HeartbeatAnswer =>
  Object.assign(new HeartbeatAnswer(), { ...own, calls_in: 1, calls_out: 2, your_status: 'connected' as const, ...more });
const reached = <A>(answer: A) => ({ ok: true as const, answer, rttMs: 12.34, aheadMs: 0, key: { kind: 'none' as const } });
const failed = (reason: NotReached['reason'] = 'connect_refused', retryAfterMs: number | null = null): NotReached => ({
  ok: false,
  reason,
  detail: 'It is so.',
  retryAfterMs,
});

/** One loop, and everything it said and did, with when. */
function looped(luck = 0.5, lifecycle: 'pending' | 'active' = 'active') {
  const timing = new FakeTiming(luck);
  const said: string[] = [];
  const beats: Partial<HeartbeatAsk>[] = [];
  const kept: { what: string; event: NewEvent }[] = [];
  const verifiedPeers: string[] = [];
  const fixture = {
    hello: (_signal?: AbortSignal): Outcome<HelloAnswer> | Promise<NotReached> => reached(helloAnswer()),
    confirm: (): Outcome<HelloAnswer> => reached(helloAnswer({ challenge: null })),
    heartbeat: (_signal?: AbortSignal): Outcome<HeartbeatAnswer> | Promise<NotReached> => reached(beatAnswer()),
    secret: (): string | null => 'correct horse battery staple',
    verifying: async (): Promise<void> => undefined,
  };
  const say = (what: string): void => void said.push(`${(timing.clock.wallMs() - T0) / 1000} ${what}`);
  const peer = [registered, ...(lifecycle === 'active' ? [verified] : [])].reduce<CachedPeer | null>(
    (before, fact, i) => cachedPeer.next(before, stored(fact, i + 1)),
    null,
  ) as CachedPeer;
  const loop = new HeartbeatLoop(peer, {
    timing,
    client: {
      hello: async (_target, signal) => (say('hello'), fixture.hello(signal)),
      confirm: async (_target: LinkTarget, challenge) => (say(`confirm ${challenge}`), fixture.confirm()),
      heartbeat: async (_target, ask, signal) => (say('beat'), beats.push(ask), fixture.heartbeat(signal)),
    },
    heartbeats: { keep: (_peerId, what, event) => void kept.push({ what, event }) },
    counters: { of: () => ({ calls_in: 3, calls_out: 4 }) },
    secretOf: async () => fixture.secret(),
    onVerified: async ({ peer_id }) => (verifiedPeers.push(peer_id), fixture.verifying()),
    onKeyShown: () => undefined,
    warn: () => undefined,
  });
  loop.start();
  /** What was said in the next so many seconds. */
  const during = async (seconds: number): Promise<string[]> => {
    said.length = 0;
    await timing.clock.pass(seconds * 1000);
    return [...said];
  };
  return { timing, loop, fixture, beats, kept, during, peer, verifiedPeers };
}

describe('to an active peer', () => {
  it('beats within a second, again after 5 s to show that it holds, and then every 15 s', async () => {
    const { during } = looped();
    expect(await during(40)).toEqual(['0.5 beat', '5.5 beat', '20.5 beat', '35.5 beat']);
  });

  it.each([
    [0, 13.5],
    [0.999, 16.497],
  ])('is earlier or later by a tenth, by chance (%d)', async (luck, seconds) => {
    const { during, loop, timing } = looped(luck);
    await during(8);
    const lastMs = loop.observed.lastOutMs ?? 0;
    expect(loop.nextAtMs - lastMs).toBeCloseTo(seconds * 1000, 0);
    expect(timing.clock.pending).toBe(1);
  });

  it('says how many calls there were, and what the peer is here', async () => {
    const { during, beats } = looped();
    await during(6);
    expect(beats).toEqual([1, 2].map((seq) => ({ seq, calls_in: 3, calls_out: 4, your_status: 'unknown' })));
  });

  it('keeps what was answered', async () => {
    const { during, kept, peer } = looped();
    await during(1);
    const data: HeartbeatReceived = {
      peer_id: peer.peer_id,
      direction: 'out',
      seq: 1,
      boot_id: 'boot-b',
      rtt_ms: 12.3,
      sent_at: NOW,
      their_view: 'connected',
      calls_in: 1,
      calls_out: 2,
    };
    expect(kept).toEqual([{ what: 'out', event: expect.objectContaining({ type: 'federation.heartbeat.received', data }) }]);
  });

  it('keeps what was not, with when it is tried again', async () => {
    const { during, kept, fixture, loop } = looped();
    fixture.heartbeat = () => failed();
    await during(0.9);
    const data: HeartbeatMissed = {
      peer_id: registered.data.peer_id,
      reason: 'connect_refused',
      detail: 'It is so.',
      failures: 1,
      next_retry_at: new Date(loop.nextAtMs).toISOString() as typeof NOW,
    };
    expect(kept.map(({ what, event }) => [what, event.data])).toEqual([['miss', data]]);
  });

  it('backs off, the longer the more it fails', async () => {
    const { during, fixture } = looped(0.999_999);
    fixture.heartbeat = () => failed();
    const said = await during(400);
    const at = said.map((one) => Math.round(Number(one.split(' ')[0])));
    expect(at.slice(1).map((second, i) => second - (at[i] ?? 0))).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
    await during(600);
    expect((await during(1_800)).length).toBeLessThanOrEqual(7); // Every 5 min from a quarter of an hour on.
  });

  it('waits as long as it is asked to, and is not hurried by the peer', async () => {
    const { during, fixture, loop } = looped();
    fixture.heartbeat = () => failed('rate_limited', 120_000);
    expect(await during(1)).toEqual(['0.5 beat']);
    loop.hear('connected');
    expect(await during(119)).toEqual([]);
    expect(await during(1)).toEqual(['120.5 beat']);
  });

  it('begins the back-off anew when the peer itself speaks, but does not hammer it', async () => {
    const { during, fixture, loop } = looped(0.999_999);
    fixture.heartbeat = () => failed();
    await during(200);
    const lastMs = loop.nextAtMs - 60_000;
    for (let i = 0; i < 50; i++) loop.hear('connected');
    const said = await during(20);
    expect(said.length).toBeGreaterThan(2);
    expect(Number(said[0]?.split(' ')[0]) * 1000 + T0 - lastMs).toBeGreaterThanOrEqual(5_000);
  });

  it('is not hammered, however much it says', async () => {
    const { during, fixture, loop } = looped();
    fixture.heartbeat = () => failed();
    const said = await during(1);
    for (let i = 0; i < 300; i++) {
      loop.hear('connected');
      said.push(...(await during(0.1)));
    }
    expect(said.length).toBeGreaterThan(5); // Without a word of it there would be five.
    expect(said.length).toBeLessThan(15); // The back-off begins anew once in an interval.
  });

  it('does not wait longer because the peer speaks', async () => {
    const { during, fixture, loop } = looped();
    fixture.heartbeat = () => failed();
    await during(0.9);
    const { nextAtMs } = loop;
    loop.hear('connected');
    expect(loop.nextAtMs).toBe(nextAtMs);
  });

  it('changes nothing when the peer speaks and all is well', async () => {
    const { during, loop } = looped();
    await during(6);
    const { nextAtMs } = loop;
    loop.hear('degraded');
    expect([loop.nextAtMs, loop.observed.theirView, loop.observed.lastInMs]).toEqual([nextAtMs, 'degraded', T0 + 6_000]);
  });

  it('tries at once when it is told to, and begins the back-off anew', async () => {
    const { during, fixture, loop, timing } = looped(0.999_999);
    fixture.heartbeat = () => failed();
    await during(200);
    expect(await loop.tryNow()).toMatchObject({ ok: false, reason: 'connect_refused' });
    expect(loop.nextAtMs - timing.clock.wallMs()).toBeLessThanOrEqual(1_000);
    expect(timing.clock.pending).toBe(1);
    fixture.heartbeat = () => reached(beatAnswer());
    expect(await loop.tryNow()).toMatchObject({ ok: true });
  });

  it('makes one attempt at a time: who asks during one gets what comes of that', async () => {
    const { loop, timing, during } = looped();
    const both = [loop.tryNow(), loop.tryNow()];
    const [one, other] = await Promise.all(both);
    expect(one).toBe(other);
    expect(timing.clock.pending).toBe(1);
    expect(await during(4)).toEqual([]);
  });

  it('does not blame the peer for a secret that cannot be read here', async () => {
    const { during, fixture, loop, kept } = looped();
    fixture.secret = () => {
      throw new Error('the database does not answer');
    };
    await during(20);
    expect([loop.observed.failures, kept]).toEqual([0, []]);
    fixture.secret = () => 'correct horse battery staple';
    expect((await during(6)).length).toBeGreaterThan(0);
  });

  it('says when its secret is lost', async () => {
    const { during, fixture, loop } = looped();
    fixture.secret = () => null;
    await during(1);
    expect(loop.observed.failure).toMatchObject({ reason: 'auth_rejected', detail: expect.stringContaining('lost the secret') });
  });

  it('challenges anew a peer that holds us for pending, and counts no heartbeat of it', async () => {
    const { during, fixture, kept, verifiedPeers } = looped();
    fixture.heartbeat = () => reached(beatAnswer({ your_status: 'pending' }));
    expect(await during(1.2)).toEqual(['0.5 beat', '1 hello', '1 confirm a challenge']);
    expect([kept, verifiedPeers.length]).toEqual([[], 1]);
    fixture.heartbeat = () => reached(beatAnswer());
    expect(await during(1)).toEqual(['1.5 beat']);
  });

  it('ends what is under way, and does nothing after', async () => {
    const { during, loop, timing, kept } = looped();
    const trying = loop.tryNow();
    await loop.stop();
    await trying;
    expect([await during(600), timing.clock.pending, kept]).toEqual([[], 0, []]);
  });

  it('tells of no failure that its own end is', async () => {
    const { loop, fixture, kept } = looped();
    fixture.heartbeat = () => failed('error_rate');
    const trying = loop.tryNow();
    await loop.stop();
    await trying;
    expect(kept).toEqual([]);
  });

  it('starts over after a gap: what was before says nothing of now', async () => {
    const { during, loop, timing } = looped();
    await during(30);
    const { lastGoodMs } = loop.observed;
    timing.clock.jump(3_600_000);
    await timing.clock.pass(0);
    loop.wake();
    expect(loop.observed).toMatchObject({ sinceMs: timing.clock.wallMs(), lastOutMs: null, lastInMs: null });
    expect(loop.observed.lastGoodMs).toBeGreaterThanOrEqual(lastGoodMs ?? Infinity);
  });
});

describe('to a pending peer', () => {
  it('hands its challenge back, and says when both hold the secret', async () => {
    const { during, verifiedPeers, kept } = looped(0.5, 'pending');
    expect(await during(0.9)).toEqual(['0.5 hello', '0.5 confirm a challenge']);
    expect([verifiedPeers, kept]).toEqual([['peer-lisbon'], []]);
  });

  it.each<[string, 'hello' | 'confirm', Outcome<HelloAnswer>]>([
    ['refuses the hello', 'hello', failed('auth_rejected')],
    ['refuses the challenge', 'confirm', failed('auth_rejected')],
    ['does not accept the challenge', 'confirm', reached(helloAnswer({ your_status: 'pending' }))],
  ])('verifies nobody who %s', async (_what, step, outcome) => {
    const { during, fixture, verifiedPeers, kept } = looped(0.5, 'pending');
    fixture[step] = () => outcome;
    await during(1);
    expect([verifiedPeers, kept.every(({ what }) => what === 'miss'), kept.length > 0]).toEqual([[], true, true]);
  });

  it('comes again when it could not be written down', async () => {
    const { during, fixture, verifiedPeers, loop } = looped(0.5, 'pending');
    fixture.verifying = async () => {
      throw new Error('the log does not answer');
    };
    await during(1);
    expect(loop.observed.failures).toBe(0);
    fixture.verifying = async () => undefined;
    await during(5);
    expect(verifiedPeers.length).toBeGreaterThan(1);
  });

  it('beats as soon as the peer is verified, and forgets what failed before', async () => {
    const { during, fixture, loop, peer } = looped(0.5, 'pending');
    fixture.hello = () => failed('auth_rejected');
    await during(300);
    loop.become({ ...peer, lifecycle: 'active', verified: true });
    expect(loop.observed).toMatchObject({ failures: 0, failure: null });
    expect((await during(1)).map((one) => one.split(' ')[1])).toEqual(['beat']);
  });

  it('begins anew with another secret', async () => {
    const { during, fixture, loop, peer } = looped(0.999_999, 'pending');
    fixture.hello = () => failed('auth_rejected');
    await during(300);
    loop.become({ ...peer, secret_id: 'another' });
    expect((await during(1)).map((one) => one.split(' ')[1])).toEqual(['hello']);
  });
});

it.each(['pending', 'active'] as const)('gives up what it asks of a %s peer when it stops', async (lifecycle) => {
  const { loop, fixture, during, kept, timing } = looped(0.5, lifecycle);
  fixture.hello = fixture.heartbeat = (signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve(failed())));
  expect(await during(1)).toHaveLength(1);
  await loop.stop();
  expect([kept, timing.clock.pending]).toEqual([[], 0]);
});
