import { Logger } from '@nestjs/common';
import { MemoryLog, hearing } from '@app/event-store/testing';
import { type Instant, type NewEvent, type StoredEvent, asId, newEvent } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { FakeTiming } from '../../../testing/fake-timing.js';
import {
  type EvaluationUpdated,
  type PeerId,
  PeerRegistered,
  PeerRemoved,
  PeerResumed,
  type PeerStatusChanged,
  PeerSuspended,
  PeerVerified,
} from '../events/index.js';
import type { RequestAuthenticator } from './request-authenticator.provider.js';
import { FixedKey } from '../../../testing/fixed-key.js';
import { ShownKeys } from './shown-keys.provider.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';
import type { LinkClient, NotReached } from './link-client.provider.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import { HeartbeatAnswer, HeartbeatAsk } from './messages.js';
import { peerSentence } from '../peer-sentences.js';
import { type CachedPeer, cachedPeer } from './cached-peer.js';
import { CallCounters } from './call-counters.provider.js';
import type { HeartbeatLog } from './heartbeat-log.provider.js';
import { LinkSupervisor } from './link-supervisor.provider.js';
import type { PeerCache } from './peer-cache.provider.js';
import { PeerStatusWriter } from './peer-status-writer.provider.js';

beforeAll(() => Logger.overrideLogger(false)); // It warns of what is tested here.

const gone: NotReached = { ok: false, reason: 'connect_refused', detail: 'It refuses connections.', retryAfterMs: null };
const silent: NotReached = { ok: false, reason: 'heartbeat_timeout', detail: 'It did not answer in time.', retryAfterMs: null };
const givenUp = (signal?: AbortSignal): Promise<NotReached> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(silent)));
const idOf = (name: string): PeerId => asId<PeerId>(`peer-${name}`);

/** A keeper whose peers are in memory, on a clock that only the test moves; `down`: those that refuse; `mute`: those that do not answer in time; `never`: before they are given up. */
async function kept(...names: string[]) {
  const timing = new FakeTiming();
  const log = new MemoryLog();
  const down = new Set<string>();
  const mute = new Set<string>();
  const never = new Set<string>();
  const listeners = new Set<(peerId: PeerId) => void>();
  const peers = new Map<string, CachedPeer>();
  log.now = () => new Date(timing.clock.wallMs()).toISOString() as Instant;
  const hear = (fact: StoredEvent): void => {
    const { peer_id } = fact.data as { peer_id: PeerId };
    const after = cachedPeer.next(peers.get(peer_id) ?? null, fact);
    if (after === null) peers.delete(peer_id);
    else peers.set(peer_id, after);
    for (const listener of listeners) listener(peer_id);
  };
  await log.subscription.watch(['federation.peer'], hearing(hear), new AbortController().signal, () => undefined);
  const cache: Pick<PeerCache, 'caughtUp' | 'all' | 'get' | 'onChange' | 'secretOf'> = {
    caughtUp: Promise.resolve(),
    all: () => [...peers.values()],
    get: (peerId) => peers.get(peerId),
    onChange: (listener) => (listeners.add(listener), () => void listeners.delete(listener)),
    secretOf: async () => 'correct horse battery staple',
  };
  const asked: string[] = [];
  const heartbeat = async ({ remote_peer_id }: { remote_peer_id: string }, _said: unknown, signal?: AbortSignal) => {
    asked.push(remote_peer_id);
    if (down.has(remote_peer_id)) return gone;
    if (never.has(remote_peer_id)) return givenUp(signal);
    if (mute.has(remote_peer_id)) return silent;
    const said = {
      boot_id: 'boot',
      sent_at: NOW,
      protocol_min: 1,
      protocol_max: 1,
      calls_in: 0,
      calls_out: 0,
      your_status: 'connected' as const,
    };
    supervisor.receive(peers.get(`peer-${remote_peer_id}`) as CachedPeer, Object.assign(new HeartbeatAsk(), { ...said, seq: 1 })); // Theirs come when ours do.
    const answer = Object.assign(new HeartbeatAnswer(), said);
    return { ok: true as const, answer, rttMs: 5, aheadMs: 0, key: { kind: 'none' as const } };
  };
  const told: EvaluationUpdated[] = [];
  const keepEvaluation = async ({ data }: NewEvent): Promise<void> => void told.push(data as EvaluationUpdated);
  const heartbeats = { keep: () => undefined, keepEvaluation, evidence: async () => ['t1'], forget: () => undefined };
  const supervisor: LinkSupervisor = new LinkSupervisor(
    cache as PeerCache,
    { heartbeat } as unknown as LinkClient,
    { onAdmitted: () => () => undefined } as unknown as RequestAuthenticator,
    new RejectedHandshakes(timing),
    new ProvenRefusals(timing),
    heartbeats as unknown as HeartbeatLog,
    new PeerStatusWriter(log),
    new CallCounters(),
    log,
    timing,
    new ShownKeys(cache as PeerCache, log),
    new FixedKey(),
  );
  const add = (...facts: NewEvent[]): void => log.add(...facts);
  for (const name of names) {
    add(newEvent(PeerRegistered, { ...PeerRegistered.example, peer_id: idOf(name), remote_peer_id: name }));
    add(newEvent(PeerVerified, { peer_id: idOf(name) }));
  }
  supervisor.onApplicationBootstrap();
  await timing.clock.pass(2_000);
  const statusChanges = (name: string): string[] =>
    log.facts
      .filter(({ type, data }) => type === 'federation.peer.status-changed' && (data as PeerStatusChanged).peer_id === idOf(name))
      .map(({ data }) => `${(data as PeerStatusChanged).to} ${(data as PeerStatusChanged).reason}`);
  return { supervisor, timing, log, down, mute, never, add, asked, statusChanges, told };
}

it('says once that a peer is connected, and no more while it is', async () => {
  const { timing, statusChanges } = await kept('a');
  await timing.clock.pass(600_000);
  expect(statusChanges('a')).toEqual(['connected null']);
});

it('says that one is gone', async () => {
  const { timing, statusChanges, down } = await kept('a', 'b', 'c', 'd');
  down.add('a');
  await timing.clock.pass(60_000);
  expect(statusChanges('a')).toEqual(['connected null', 'disconnected connect_refused']);
  expect(statusChanges('b')).toEqual(['connected null']);
});

it('tells other details of the same verdict as telemetry, and not as a fact', async () => {
  const { timing, statusChanges, down, told } = await kept('a', 'b', 'c', 'd');
  down.add('a');
  await timing.clock.pass(600_000);
  expect(statusChanges('a')).toEqual(['connected null', 'disconnected connect_refused']);
  const attempts = told.filter(({ status }) => status === 'disconnected').map(({ details }) => details['attempts'] as number);
  expect(attempts.length).toBeGreaterThan(3);
  expect(attempts).toEqual([...new Set(attempts)].toSorted((x, y) => x - y));
  expect(told.at(-1)).toMatchObject({ reason: 'connect_refused', details: { said: 'It refuses connections.' }, evidence: ['t1'] });
});

it('writes a bounded number of facts about a link that comes and goes, and calls it flapping', async () => {
  const { timing, statusChanges, down, supervisor } = await kept('a', 'b', 'c', 'd');
  const cycles = async (many: number): Promise<void> => {
    for (let i = 0; i < many; i++) {
      down.add('a');
      for (let misses = 0; misses < 3; misses++) void (await Promise.all([supervisor.retry(idOf('a')), timing.clock.pass(1_000)]));
      down.delete('a');
      for (let goods = 0; goods < 3; goods++) void (await Promise.all([supervisor.retry(idOf('a')), timing.clock.pass(5_000)]));
    }
  };
  await cycles(6);
  const facts = statusChanges('a');
  expect(facts.at(-1)).toBe('degraded flapping');
  expect(facts.length).toBeLessThanOrEqual(8);
  await cycles(20);
  expect(statusChanges('a')).toEqual(facts);
  await timing.clock.pass(600_000);
  expect(statusChanges('a')).toEqual([...facts, 'connected null']);
});

it('calls a link that comes and goes and then stays away disconnected, once a grace window has passed', async () => {
  const { timing, statusChanges, down, supervisor } = await kept('a', 'b', 'c', 'd');
  for (let i = 0; i < 6; i++) {
    down.add('a');
    for (let misses = 0; misses < 3; misses++) void (await Promise.all([supervisor.retry(idOf('a')), timing.clock.pass(1_000)]));
    down.delete('a');
    for (let goods = 0; goods < 3; goods++) void (await Promise.all([supervisor.retry(idOf('a')), timing.clock.pass(5_000)]));
  }
  const facts = statusChanges('a');
  expect(facts.at(-1)).toBe('degraded flapping');
  down.add('a');
  for (let misses = 0; misses < 3; misses++) void (await Promise.all([supervisor.retry(idOf('a')), timing.clock.pass(1_000)]));
  expect(statusChanges('a')).toEqual(facts);
  await timing.clock.pass(55_000);
  expect(statusChanges('a')).toEqual([...facts, 'disconnected connect_refused']);
});

it('doubts itself first when most are gone at once, and judges them when a grace window has passed', async () => {
  const { timing, statusChanges, down } = await kept('a', 'b', 'c', 'd');
  for (const name of ['a', 'b', 'c']) down.add(name);
  await timing.clock.pass(45_000);
  expect(statusChanges('a')).toEqual(['connected null', 'unknown observer_unhealthy']);
  await timing.clock.pass(30_000);
  expect(statusChanges('a').at(-1)).toBe('disconnected connect_refused');
  expect(statusChanges('d')).toEqual(['connected null']);
});

it('holds a gap of its own against nobody', async () => {
  const { timing, statusChanges } = await kept('a');
  timing.clock.jump(3_600_000);
  await timing.clock.pass(0);
  expect(statusChanges('a').slice(1)).not.toContain('disconnected connect_refused');
  expect(statusChanges('a').slice(1)).not.toContain('degraded heartbeat_late');
  await timing.clock.pass(10_000);
  expect(statusChanges('a').at(-1)).toBe('connected null');
});

it.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])('is not misled when the clock of the machine is set %s', async (_where, byMs) => {
  const { timing, log, statusChanges, mute } = await kept('a', 'b', 'c', 'd');
  mute.add('a');
  timing.clock.setWall(byMs);
  await timing.clock.pass(120_000);
  expect(statusChanges('a')).toEqual(['connected null', 'degraded heartbeat_late', 'disconnected heartbeat_timeout']);
  expect(statusChanges('b')).toEqual(['connected null']);
  const { last_good_at, next_retry_at, reason, details } = (log.facts.at(-1) as StoredEvent).data as PeerStatusChanged;
  const agoMs = (instant: string | null): number => timing.clock.wallMs() - Date.parse(instant ?? '');
  expect([agoMs(last_good_at) > 0, agoMs(last_good_at) < 180_000, Math.abs(agoMs(next_retry_at)) < 60_000]).toEqual([true, true, true]);
  expect(peerSentence(reason, { ...details, last_good_at }, timing.clock.wallMs())).toMatch(
    /^No answer for \d+ (?:s|min), \d+ attempts failed/,
  );
});

it('says after its own start that it cannot tell, and then what it finds', async () => {
  const { timing, log, statusChanges, supervisor } = await kept('a');
  await supervisor.onModuleDestroy();
  const again = await kept();
  again.down.add('a');
  again.add(...log.facts); // What the log has: it was connected.
  await again.timing.clock.pass(30_000);
  expect(again.statusChanges('a').at(-1)).toBe('unknown observer_unhealthy');
  await again.timing.clock.pass(60_000);
  expect(again.statusChanges('a').at(-1)).toBe('disconnected connect_refused');
  await timing.clock.pass(0);
  expect(statusChanges('a')).toEqual(['connected null']);
});

it('says nothing to a suspended peer, and nothing of it, until it is resumed', async () => {
  const { timing, add, asked, statusChanges, supervisor } = await kept('a');
  add(newEvent(PeerSuspended, { peer_id: idOf('a'), note: '', until: null }));
  asked.length = 0;
  await timing.clock.pass(600_000);
  expect([asked, statusChanges('a'), await supervisor.retry(idOf('a'))]).toEqual([[], ['connected null'], undefined]);
  add(newEvent(PeerResumed, { peer_id: idOf('a') }));
  await timing.clock.pass(5_000);
  expect(statusChanges('a')).toEqual(['connected null', 'connected null']);
});

it('forgets a peer that was removed', async () => {
  const { timing, add, asked, supervisor } = await kept('a');
  add(newEvent(PeerRemoved, { peer_id: idOf('a') }));
  asked.length = 0;
  await timing.clock.pass(600_000);
  expect([asked, await supervisor.retry(idOf('a'))]).toEqual([[], undefined]);
});

it('ends without waiting for a peer that is silent', async () => {
  const { timing, supervisor, never } = await kept('a', 'b');
  never.add('a');
  await timing.clock.pass(30_000);
  await supervisor.onModuleDestroy();
  expect(timing.clock.pending).toBe(0);
});

it('ends with nothing left to do', async () => {
  const { timing, supervisor } = await kept('a', 'b');
  await supervisor.onModuleDestroy();
  expect(timing.clock.pending).toBe(0);
});
