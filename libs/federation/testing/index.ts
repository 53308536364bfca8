import { asId, newEvent } from '@app/kernel';
import { later } from '@app/kernel/testing';
import {
  PeerHeld,
  PeerLabelled,
  type PeerId,
  PeerRegistered,
  PeerRemoved,
  PeerResumed,
  PeerStatusChanged,
  PeerSuspended,
  PeerVerified,
  RemotePeerReleased,
  RemotePeerReserved,
} from '../src/events/index.js';

/** The facts of one peer, to tell histories with. */
export const about = { peer_id: asId<PeerId>('peer-lisbon') };
export const remote = { remote_peer_id: 'inst-7f3q', ...about };
export const registered = newEvent(PeerRegistered, { ...PeerRegistered.example, ...remote });
export const reserved = newEvent(RemotePeerReserved, remote);
export const labelled = newEvent(PeerLabelled, { ...about, label: 'Lisbon, third hall' });
export const verified = newEvent(PeerVerified, about);
export const suspended = newEvent(PeerSuspended, { ...about, note: 'key rotation', until: later(60) });
export const statusChanged = (
  from: PeerStatusChanged['from'],
  to: PeerStatusChanged['to'],
  reason: PeerStatusChanged['reason'] = 'connect_refused',
) => newEvent(PeerStatusChanged, { ...PeerStatusChanged.example, ...about, from, to, reason });
export const resumed = newEvent(PeerResumed, about);
export const removed = newEvent(PeerRemoved, about);
export const released = newEvent(RemotePeerReleased, remote);
export const held = newEvent(PeerHeld, about);
