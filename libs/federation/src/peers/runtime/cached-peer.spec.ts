import { type NewEvent, newEvent } from '@app/kernel';
import { NOW, stored } from '@app/kernel/testing';
import { PeerHeld, PeerReleased } from '../events/index.js';
import { about, labelled, registered, removed, resumed, statusChanged, suspended, verified } from '../../../testing/index.js';
import { type CachedPeer, cachedPeer } from './cached-peer.js';

const after = (...facts: NewEvent[]): CachedPeer | null =>
  facts.reduce<CachedPeer | null>((peer, fact, i) => cachedPeer.next(peer, stored(fact, i + 1)), null);

const evaluated = statusChanged('unknown', 'disconnected');
const { reason, details, last_good_at, next_retry_at } = evaluated.data;
const last_status = { status: 'disconnected', reason, details, last_good_at, next_retry_at, since: NOW };

it('knows where a peer answers, who it is, and what its secret is called', () => {
  const { peer_id, remote_peer_id, label, url, secret_id, secret_fingerprint } = registered.data;
  const known = { peer_id, remote_peer_id, label, url, secret_id, secret_fingerprint };
  expect(after(registered)).toEqual({
    ...known,
    lifecycle: 'pending',
    key: null,
    unheld: null,
    verified: false,
    last_status: null,
    position: 1,
  });
});

it.each<[string, NewEvent[], Partial<CachedPeer> | object | null]>([
  ['another label', [registered, labelled], { label: 'Lisbon, third hall', position: 2 }],
  ['the challenge', [registered, verified], { lifecycle: 'active', verified: true }],
  ['a verdict', [registered, verified, evaluated], { lifecycle: 'active', last_status, position: 3 }],
  ['a suspension', [registered, verified, evaluated, suspended], { lifecycle: 'suspended', verified: true, last_status: null }],
  ['its end', [registered, verified, evaluated, suspended, resumed], { lifecycle: 'active', last_status: null }],
  ['a suspension and its end, unverified', [registered, suspended, resumed], { lifecycle: 'pending' }],
  ['a challenge during a suspension', [registered, suspended, verified], { lifecycle: 'suspended', verified: true }],
  ['its end', [registered, suspended, verified, resumed], { lifecycle: 'active' }],
])('after %s', (_what, facts, peer) => expect(after(...facts)).toMatchObject(peer as object));

it('forgets a peer that was removed, and never knew one that nobody registered', () => {
  expect([after(registered, verified, removed), after(verified, evaluated)]).toEqual([null, null]);
});

describe('a peer that is held', () => {
  const [held, released] = [newEvent(PeerHeld, about), newEvent(PeerReleased, about)];

  it('is suspended, whatever else happens to it, until it is released', () => {
    for (const more of [[], [suspended], [suspended, resumed]])
      expect(after(registered, verified, held, ...more)).toMatchObject({ lifecycle: 'suspended' });
    expect(after(registered, verified, held, released)).toMatchObject({ lifecycle: 'active', unheld: null });
  });

  it('is what the other facts say when it is released', () => {
    expect(after(registered, held, released)).toMatchObject({ lifecycle: 'pending' });
    expect(after(registered, held, verified, released)).toMatchObject({ lifecycle: 'active' });
    expect(after(registered, verified, held, suspended, released)).toMatchObject({ lifecycle: 'suspended', unheld: null });
    expect(after(registered, verified, suspended, held, resumed, released)).toMatchObject({ lifecycle: 'active' });
  });
});
