import { type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { PeerStatusChanged } from './events/index.js';

/** What a peer has in whatever lifecycle it is. */
interface Registered {
  remote_peer_id: string;
  label: string;
  secret_id: string;
  /** After the log was accepted as it is: refused like a suspended one, until it is released. Absent: it is not. */
  held?: true;
  /** Fingerprint of the instance key that is pinned; absent: none is. */
  key?: string;
  /** What its link was last judged to be; undefined: nothing since its lifecycle last changed. */
  lastStatus?: Pick<PeerStatusChanged, 'to' | 'reason'> | undefined;
}

/**
 * What the rules of one peer need to know, and nothing a screen wants.
 *
 * unknown -> pending (registered) -> active (verified); either -> suspended -> what it was before; any of them -> removed, for
 * ever. A challenge that ends during a suspension leaves it suspended, from active.
 */
export type Peer =
  | { status: 'unknown' }
  | ({ status: 'pending' | 'active' } & Registered)
  | ({ status: 'suspended'; from: 'pending' | 'active'; until: Instant | null } & Registered)
  | { status: 'removed'; remote_peer_id: string };

type RegisteredPeer = Exclude<Peer, { status: 'unknown' | 'removed' }>;

/** A peer that was never registered, or is removed, has nothing that could change. */
const whileRegistered =
  <E>(change: (peer: RegisteredPeer, event: E) => Peer) =>
  (peer: Peer, event: E): Peer =>
    peer.status === 'unknown' || peer.status === 'removed' ? peer : change(peer, event);

export const peer = streamOf('federation.peer', events).folds<Peer>({
  initial: { status: 'unknown' },
  evolve: {
    'federation.peer.registered': (_peer, { data: { remote_peer_id, label, secret_id } }) => ({
      status: 'pending',
      remote_peer_id,
      label,
      secret_id,
    }),
    'federation.peer.labelled': whileRegistered((peer, { data }) => ({ ...peer, label: data.label })),
    'federation.peer.verified': whileRegistered((peer) =>
      peer.status === 'suspended' ? { ...peer, from: 'active' } : { ...peer, status: 'active', lastStatus: undefined },
    ),
    'federation.peer.suspended': whileRegistered((peer, { data: { until } }) =>
      peer.status === 'suspended' ? { ...peer, until } : { ...peer, status: 'suspended', from: peer.status, until, lastStatus: undefined },
    ),
    'federation.peer.resumed': whileRegistered((peer) => {
      if (peer.status !== 'suspended') return peer;
      const { from, until: _, ...registered } = peer;
      return { ...registered, status: from, lastStatus: undefined };
    }),
    'federation.peer.key-pinned': whileRegistered((peer, { data }) => ({ ...peer, key: data.key_fingerprint })),
    'federation.peer.held': whileRegistered((peer) => ({ ...peer, held: true, lastStatus: undefined })),
    'federation.peer.released': whileRegistered((peer) => {
      const { held: _, ...free } = peer;
      return { ...free, lastStatus: undefined };
    }),
    'federation.peer.status-changed': whileRegistered((peer, { data: { to, reason } }) => ({ ...peer, lastStatus: { to, reason } })),
    'federation.peer.removed': whileRegistered(({ remote_peer_id }) => ({ status: 'removed', remote_peer_id })),
  },
});
