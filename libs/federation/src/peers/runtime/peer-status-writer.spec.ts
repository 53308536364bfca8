import { Logger } from '@nestjs/common';
import { OutcomeUnknown } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { about, registered, removed, resumed, statusChanged, suspended, verified } from '../../../testing/index.js';
import { PeerStatusChanged } from '../events/index.js';
import { type CachedPeer, cachedPeer } from './cached-peer.js';
import { PeerStatusWriter, type PeerEvaluation, saidOf } from './peer-status-writer.provider.js';

beforeAll(() => Logger.overrideLogger(false)); // It warns of what is tested here.

let log: MemoryLog;
let writer: PeerStatusWriter;
beforeEach(() => {
  log = new MemoryLog();
  writer = new PeerStatusWriter(log);
  log.add(registered, verified);
});

/** The peer as it is known when so many facts have been heard. */
const heard = (facts: number = log.facts.length): CachedPeer =>
  log.facts.slice(0, facts).reduce<CachedPeer | null>((peer, fact) => cachedPeer.next(peer, fact), null) as CachedPeer;
const evaluation = (to: PeerStatusChanged['to'], reason: PeerStatusChanged['reason'] = null): PeerEvaluation => ({
  ...PeerStatusChanged.example,
  ...about,
  to,
  reason,
  evidence: async () => ['t7'],
});
const offer = async (peer: CachedPeer, one: PeerEvaluation): Promise<void> => {
  writer.offer(peer, one);
  await writer.settled();
};
const written = (): string[] =>
  log.facts
    .filter(({ type }) => type === PeerStatusChanged.type)
    .map(({ data }) => `${(data as PeerStatusChanged).from} -> ${(data as PeerStatusChanged).to}`);

it('writes a change down, and each once', async () => {
  await offer(heard(), evaluation('connected'));
  await offer(heard(), evaluation('connected'));
  await offer(heard(), evaluation('degraded', 'slow'));
  await offer(heard(), evaluation('degraded', 'one_way'));
  expect(written()).toEqual(['unknown -> connected', 'connected -> degraded', 'degraded -> degraded']);
  expect(log.facts.at(-1)).toMatchObject({ actor: 'system:federation', data: { evidence: ['t7'] } });
});

it('says nothing that the lifecycle says', async () => {
  await offer(heard(), evaluation('unknown', 'observer_unhealthy'));
  expect(written()).toEqual([]);
  expect(saidOf(heard(1))).toEqual({ status: 'pending', reason: 'never_connected' });
  log.add(suspended);
  expect(saidOf(heard())).toEqual({ status: 'suspended', reason: 'suspended_by_operator' });
});

it('waits until its last word was heard before it says another', async () => {
  const before = heard();
  await offer(before, evaluation('connected'));
  await offer(before, evaluation('disconnected', 'connect_refused')); // Judged from what it was before.
  expect(written()).toEqual(['unknown -> connected']);
  await offer(heard(), evaluation('disconnected', 'connect_refused'));
  expect(written()).toEqual(['unknown -> connected', 'connected -> disconnected']);
});

it('offers one at a time', async () => {
  writer.offer(heard(), evaluation('connected'));
  writer.offer(heard(), evaluation('degraded', 'slow'));
  await writer.settled();
  expect(written()).toEqual(['unknown -> connected']);
});

it('says the status of the moment when the log answers again', async () => {
  log.isDown = true;
  await offer(heard(), evaluation('degraded', 'slow'));
  log.isDown = false;
  await offer(heard(), evaluation('disconnected', 'connect_refused'));
  expect(written()).toEqual(['unknown -> disconnected']);
});

it('says it once when only the answer was lost', async () => {
  const before = heard();
  log.after = () => Promise.reject(new OutcomeUnknown('of the verdict'));
  await offer(before, evaluation('connected'));
  log.after = () => undefined;
  await offer(before, evaluation('connected'));
  expect(written()).toEqual(['unknown -> connected']);
});

it('gives way to what it had not heard of', async () => {
  const before = heard();
  log.add(statusChanged('unknown', 'degraded', 'slow')); // By another process.
  await offer(before, evaluation('connected'));
  log.add(suspended);
  await offer(heard(3), evaluation('connected'));
  expect(written()).toEqual(['unknown -> degraded']);
  log.add(resumed);
  await offer(heard(), evaluation('connected'));
  expect(written()).toEqual(['unknown -> degraded', 'unknown -> connected']);
  log.add(removed);
  await offer(heard(6), evaluation('degraded', 'slow'));
  expect(written()).toHaveLength(2);
});

it('begins anew with a peer that was forgotten', async () => {
  const before = heard();
  await offer(before, evaluation('connected'));
  writer.forget(about.peer_id);
  await offer(before, evaluation('connected'));
  expect(written()).toEqual(['unknown -> connected']); // The log knows.
});
