import { Logger } from '@nestjs/common';
import { OutcomeUnknown } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { about, registered, removed, resumed, statusChanged, suspended, verified } from '../../../testing/index.js';
import { PeerStatusChanged } from '../events/index.js';
import { type BookedPeer, bookedPeer } from './booked-peer.js';
import { StatusScribe, type Verdict, saidOf } from './status-scribe.provider.js';

beforeAll(() => Logger.overrideLogger(false)); // It warns of what is tested here.

let log: MemoryLog;
let scribe: StatusScribe;
beforeEach(() => {
  log = new MemoryLog();
  scribe = new StatusScribe(log);
  log.add(registered, verified);
});

/** The peer as it is known when so many facts have been heard. */
const heard = (facts: number = log.facts.length): BookedPeer =>
  log.facts.slice(0, facts).reduce<BookedPeer | null>((peer, fact) => bookedPeer.next(peer, fact), null) as BookedPeer;
const verdict = (to: PeerStatusChanged['to'], reason: PeerStatusChanged['reason'] = null): Verdict => ({
  ...PeerStatusChanged.example,
  ...about,
  to,
  reason,
  evidence: async () => ['t7'],
});
const offer = async (peer: BookedPeer, one: Verdict): Promise<void> => {
  scribe.offer(peer, one);
  await scribe.settled();
};
const written = (): string[] =>
  log.facts
    .filter(({ type }) => type === PeerStatusChanged.type)
    .map(({ data }) => `${(data as PeerStatusChanged).from} -> ${(data as PeerStatusChanged).to}`);

it('writes a change down, and each once', async () => {
  await offer(heard(), verdict('connected'));
  await offer(heard(), verdict('connected'));
  await offer(heard(), verdict('degraded', 'slow'));
  await offer(heard(), verdict('degraded', 'one_way'));
  expect(written()).toEqual(['unknown -> connected', 'connected -> degraded', 'degraded -> degraded']);
  expect(log.facts.at(-1)).toMatchObject({ actor: 'system:federation', data: { evidence: ['t7'] } });
});

it('says nothing that the lifecycle says', async () => {
  await offer(heard(), verdict('unknown', 'observer_unhealthy'));
  expect(written()).toEqual([]);
  expect(saidOf(heard(1))).toEqual({ status: 'pending', reason: 'never_connected' });
  log.add(suspended);
  expect(saidOf(heard())).toEqual({ status: 'suspended', reason: 'suspended_by_operator' });
});

it('waits until its last word was heard before it says another', async () => {
  const before = heard();
  await offer(before, verdict('connected'));
  await offer(before, verdict('disconnected', 'connect_refused')); // Judged from what it was before.
  expect(written()).toEqual(['unknown -> connected']);
  await offer(heard(), verdict('disconnected', 'connect_refused'));
  expect(written()).toEqual(['unknown -> connected', 'connected -> disconnected']);
});

it('offers one at a time', async () => {
  scribe.offer(heard(), verdict('connected'));
  scribe.offer(heard(), verdict('degraded', 'slow'));
  await scribe.settled();
  expect(written()).toEqual(['unknown -> connected']);
});

it('says the verdict of the moment when the log answers again', async () => {
  log.isDown = true;
  await offer(heard(), verdict('degraded', 'slow'));
  log.isDown = false;
  await offer(heard(), verdict('disconnected', 'connect_refused'));
  expect(written()).toEqual(['unknown -> disconnected']);
});

it('says it once when only the answer was lost', async () => {
  const before = heard();
  log.after = () => Promise.reject(new OutcomeUnknown('of the verdict'));
  await offer(before, verdict('connected'));
  log.after = () => undefined;
  await offer(before, verdict('connected'));
  expect(written()).toEqual(['unknown -> connected']);
});

it('gives way to what it had not heard of', async () => {
  const before = heard();
  log.add(statusChanged('unknown', 'degraded', 'slow')); // By another process.
  await offer(before, verdict('connected'));
  log.add(suspended);
  await offer(heard(3), verdict('connected'));
  expect(written()).toEqual(['unknown -> degraded']);
  log.add(resumed);
  await offer(heard(), verdict('connected'));
  expect(written()).toEqual(['unknown -> degraded', 'unknown -> connected']);
  log.add(removed);
  await offer(heard(6), verdict('degraded', 'slow'));
  expect(written()).toHaveLength(2);
});

it('begins anew with a peer that was forgotten', async () => {
  const before = heard();
  await offer(before, verdict('connected'));
  scribe.forget(about.peer_id);
  await offer(before, verdict('connected'));
  expect(written()).toEqual(['unknown -> connected']); // The log knows.
});
