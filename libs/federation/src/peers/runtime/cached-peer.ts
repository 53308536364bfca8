import { type Instant, type StoredEvent, streamOf } from '@app/kernel';
import * as events from '../events/index.js';
import type { PeerId, PeerStatusChanged } from '../events/index.js';

/** The last PeerStatusChanged of a peer since its lifecycle changed. */
export type LastStatus = Pick<PeerStatusChanged, 'reason' | 'details' | 'last_good_at' | 'next_retry_at'> & {
  readonly status: PeerStatusChanged['to'];
  readonly since: Instant;
};

/** A registered peer as the processes that speak with it know it. */
export interface CachedPeer {
  readonly peer_id: PeerId;
  readonly remote_peer_id: string;
  readonly label: string;
  /** Where it answers: an origin, or a base path without a slash at its end. */
  readonly url: string;
  readonly lifecycle: 'pending' | 'active' | 'suspended';
  /** What its lifecycle is while it is held; null: it is not held, and `lifecycle` says it. A held one is suspended. */
  readonly unheld: CachedPeer['lifecycle'] | null;
  /** Whether a mutual challenge succeeded, also when it is suspended since. */
  readonly verified: boolean;
  readonly secret_id: string;
  /** What the secret is called on both sides: the `key_id` of an envelope. */
  readonly secret_fingerprint: string;
  /** Fingerprint of the instance key that is pinned; null: none is. */
  readonly key: string | null;
  /** What it was last judged to be; null: nothing but its lifecycle is known. */
  readonly last_status: LastStatus | null;
  /** Of the last fact about it. */
  readonly position: number;
}

/** Changes a peer that is registered. What is said of a peer that nobody registered, or that is removed, changes nothing. */
const whileCached =
  <E extends StoredEvent>(change: (peer: CachedPeer, event: E) => Omit<CachedPeer, 'position'>) =>
  (peer: CachedPeer | null, event: E): CachedPeer | null =>
    peer === null ? null : { ...keptHeld(peer, change(free(peer), event)), position: event.position };

/** As it would be if it were not held. */
const free = (peer: CachedPeer): CachedPeer => (peer.unheld === null ? peer : { ...peer, lifecycle: peer.unheld });

/** What changes of a held one is kept for when it is released: until then it is suspended. */
const keptHeld = (before: CachedPeer, after: Omit<CachedPeer, 'position'>): Omit<CachedPeer, 'position'> =>
  before.unheld === null ? after : held(after);
const held = (peer: Omit<CachedPeer, 'position'>): Omit<CachedPeer, 'position'> => ({
  ...peer,
  lifecycle: 'suspended',
  unheld: peer.lifecycle,
  last_status: null,
});

/** The peer as its facts have it; null: it is not registered. */
export const cachedPeer = streamOf('federation.peer', events).folds<CachedPeer | null>({
  initial: null,
  evolve: {
    'federation.peer.registered': (_peer, { data, position }) => {
      const { peer_id, remote_peer_id, label, url, secret_id, secret_fingerprint } = data;
      const registered = { peer_id, remote_peer_id, label, url, secret_id, secret_fingerprint };
      return { ...registered, lifecycle: 'pending', key: null, unheld: null, verified: false, last_status: null, position };
    },
    'federation.peer.labelled': whileCached((peer, { data: { label } }) => ({ ...peer, label })),
    'federation.peer.verified': whileCached((peer) => ({
      ...peer,
      verified: true,
      ...(peer.lifecycle === 'suspended' ? {} : { lifecycle: 'active', last_status: null }),
    })),
    'federation.peer.key-pinned': whileCached((peer, { data }) => ({ ...peer, key: data.key_fingerprint })),
    'federation.peer.held': whileCached((peer) => held(peer)),
    'federation.peer.released': (peer, { position }) => (peer === null ? null : { ...free(peer), unheld: null, position }),
    'federation.peer.suspended': whileCached((peer) => ({ ...peer, lifecycle: 'suspended', last_status: null })),
    'federation.peer.resumed': whileCached((peer) => ({ ...peer, lifecycle: peer.verified ? 'active' : 'pending', last_status: null })),
    'federation.peer.status-changed': whileCached((peer, { data, at }) => {
      const { to, reason, details, last_good_at, next_retry_at } = data;
      return { ...peer, last_status: { status: to, reason, details, since: at, last_good_at, next_retry_at } };
    }),
    'federation.peer.removed': () => null,
  },
});
