import { newEvent } from '@app/kernel';
import { NOW, later, rowsOf, stored } from '@app/kernel/testing';
import { HeartbeatMissed, HeartbeatReceived } from '../../events/index.js';
import { about } from '../../../../testing/index.js';
import { type PeerLatest, peerLatest } from './peer-latest.rollup.js';

const received = (more: Partial<HeartbeatReceived>) => newEvent(HeartbeatReceived, { ...HeartbeatReceived.example, ...about, ...more });
const incoming = received({ direction: 'in', rtt_ms: null, their_view: 'degraded' });
const answered = received({ direction: 'out', rtt_ms: 18.4, their_view: 'connected' });
const missed = newEvent(HeartbeatMissed, { ...HeartbeatMissed.example, ...about, next_retry_at: later(1) });

it('has the last sign of life either way, and when one of ours was answered', () => {
  expect(rowsOf(peerLatest, answered)).toEqual({
    'peer-lisbon': {
      peer_id: 'peer-lisbon',
      last_heartbeat_at: NOW,
      rtt_ms: 18.4,
      their_view: 'connected',
      answered_at: NOW,
      retry_at: null,
    },
  });
  expect(rowsOf(peerLatest, incoming)).toMatchObject({ 'peer-lisbon': { last_heartbeat_at: NOW, rtt_ms: null, answered_at: null } });
});

it('says when it is tried again until it answers; what it says by itself is no answer', () => {
  const row = (...events: Parameters<typeof rowsOf>[1][]) => rowsOf(peerLatest, ...events)['peer-lisbon'];
  expect(row(missed)).toMatchObject({ retry_at: later(1), last_heartbeat_at: null });
  expect(row(answered, missed)).toMatchObject({ retry_at: later(1), rtt_ms: 18.4, answered_at: NOW });
  expect(row(answered, missed, incoming)).toMatchObject({ retry_at: later(1), their_view: 'degraded' });
  expect(row(answered, missed, answered)).toMatchObject({ retry_at: null });
});

it('goes by when we stored it, not by the clock of the peer', () => {
  const row = peerLatest.apply(undefined, stored(received({ sent_at: later(-999) }), 1, later(3))) as PeerLatest;
  expect([row.last_heartbeat_at, row.answered_at]).toEqual([later(3), later(3)]);
});
