import { type Instant, Position, existing, healthOf, plainDetails, projectionOf } from '@app/kernel';
import {
  PeerHeld,
  PeerKeyPinned,
  PeerLabelled,
  PeerRegistered,
  PeerReleased,
  PeerRemoved,
  PeerResumed,
  PeerStatusChanged,
  PeerSuspended,
  PeerVerified,
} from '../../events/index.js';
import { type PeerLifecycle, deriveStatus } from '../../peer-status.js';
import { PeerRow } from './peer-directory.view.js';

/** Every registered peer, and how its link was last judged to be. Rebuilds from an empty table. */
export const peerDirectory = projectionOf(PeerRow)({
  table: 'peer_directory',
  version: 5,
  id: 'peer_id',
  reads: [
    ...[PeerHeld, PeerKeyPinned, PeerLabelled, PeerRegistered, PeerReleased, PeerRemoved, PeerResumed, PeerStatusChanged],
    ...[PeerSuspended, PeerVerified],
  ],
  key: (event) => event.data.peer_id,
  on: {
    'federation.peer.registered': (_before, { data, at, actor, position }) => ({
      peer_id: data.peer_id,
      remote_peer_id: data.remote_peer_id,
      label: data.label,
      url: data.url,
      ...state({ lifecycle: 'pending' }),
      since: at,
      judged_at: at,
      secret_fingerprint: data.secret_fingerprint,
      key_fingerprint: null,
      key_pinned_at: null,
      registered_at: at,
      registered_by: actor,
      suspended_until: null,
      last_good_at: null,
      next_retry_at: null,
      evidence: [factAt(position)],
      verified_at: null,
      held_at: null,
      unheld: null,
    }),
    'federation.peer.labelled': (before, event) => ({ ...existing(before, event), label: event.data.label }),
    'federation.peer.key-pinned': (before, event) => ({
      ...existing(before, event),
      key_fingerprint: event.data.key_fingerprint,
      key_pinned_at: event.at,
    }),
    'federation.peer.verified': (before, event) => {
      const row = { ...existing(before, event), verified_at: event.at };
      return stands(row) === 'suspended' ? row : moved(row, event, { lifecycle: 'active' });
    },
    'federation.peer.suspended': (before, event) => {
      const { note, until } = event.data;
      return { ...moved(existing(before, event), event, { lifecycle: 'suspended', until, note }), suspended_until: until };
    },
    'federation.peer.resumed': (before, event) => {
      const row = existing(before, event);
      return { ...moved(row, event, { lifecycle: row.verified_at === null ? 'pending' : 'active' }), suspended_until: null };
    },
    'federation.peer.status-changed': (before, event) => {
      const { to, reason, details, last_good_at, next_retry_at, evidence } = event.data;
      const row = existing(before, event);
      if (row.held_at !== null) return row; // Judged before it was heard to be held.
      const since = row.status === to ? row.since : event.at;
      const why = { reason, details, last_good_at, next_retry_at, judged_at: event.at, evidence: [...evidence, factAt(event.position)] };
      return { ...row, status: to, health: healthOf(to), since, ...why };
    },
    'federation.peer.held': (before, event) => {
      const row = existing(before, event);
      return {
        ...row,
        ...held(row, event),
        held_at: event.at,
        unheld: row.unheld ?? { lifecycle: row.lifecycle, until: row.suspended_until },
      };
    },
    'federation.peer.released': (before, event) => {
      const { unheld, ...row } = existing(before, event);
      if (unheld === null) return { ...row, unheld };
      const { lifecycle, until } = unheld;
      const to: PeerLifecycle = lifecycle === 'suspended' ? { lifecycle, until, note: '' } : { lifecycle };
      return moved({ ...row, held_at: null, unheld: null }, event, to);
    },
    'federation.peer.removed': () => null,
  },
});

const state = (of: PeerLifecycle) => {
  const { status, reason, details } = deriveStatus(of);
  return { lifecycle: of.lifecycle, status, health: healthOf(status), reason, details: plainDetails(details) };
};
const factAt = (facts: number): string => new Position({ facts }).format();

const stands = ({ lifecycle, unheld }: PeerRow): PeerRow['lifecycle'] => unheld?.lifecycle ?? lifecycle;

/** Refused like one that is suspended, and saying why. */
const held = (row: PeerRow, { at, position }: { at: Instant; position: number }): Partial<PeerRow> => {
  const now = state({ lifecycle: 'suspended', until: null, note: '' });
  const since = row.status === now.status ? row.since : at;
  return { ...now, details: { held: true }, since, judged_at: at, next_retry_at: null, evidence: [factAt(position)] };
};

/** A change of its lifecycle. Of one that is held it is kept for when it is released. `since` is when the status changed: a suspension whose end moves does not begin anew. */
function moved(row: PeerRow, { at, position }: { at: Instant; position: number }, to: PeerLifecycle): PeerRow {
  if (row.unheld !== null) return { ...row, unheld: { lifecycle: to.lifecycle, until: to.lifecycle === 'suspended' ? to.until : null } };
  const now = state(to);
  return {
    ...row,
    ...now,
    since: row.status === now.status ? row.since : at,
    judged_at: at,
    next_retry_at: null,
    evidence: [factAt(position)],
  };
}
