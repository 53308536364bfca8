import { type EvaluatedAt, type Instant, type StatusCount, latestOf } from '@app/kernel';
import { type Rows, containing } from '@app/read-store';
import { peerSentence } from '../../peer-sentences.js';
import { CURSOR, type Peer, type PeerListQuery } from './peer-directory.view.js';

// What was measured says more of the next attempt than the last status, unless there is no next: for each failure there is a word of it.
const SELECT = `
  SELECT p.peer_id, p.remote_peer_id, p.label, p.url, p.lifecycle, p.status, p.health, p.reason, p.details, p.since, p.judged_at, p.secret_fingerprint,
         p.key_fingerprint, p.key_pinned_at,
         p.registered_at, p.registered_by, p.suspended_until, p.held_at, GREATEST(p.last_good_at, l.answered_at) AS last_good_at,
         CASE WHEN p.lifecycle = 'suspended' THEN NULL WHEN l.peer_id IS NULL THEN p.next_retry_at ELSE l.retry_at END AS next_retry_at,
         p.evidence, l.last_heartbeat_at, l.rtt_ms, l.their_view, COALESCE(c.calls_in, 0) AS calls_in, COALESCE(c.calls_out, 0) AS calls_out,
         to_jsonb(e) AS evaluated
    FROM read.peer_directory p
    LEFT JOIN rollup.peer_latest l USING (peer_id)
    LEFT JOIN read.peer_calls c USING (peer_id)
    LEFT JOIN rollup.peer_evaluated e ON e.id = p.peer_id`;

const GET_PEER = `${SELECT}
   WHERE peer_id = $1`;

// Oldest first: neither changes while a peer is registered, so that no page repeats or skips one.
const LIST_PEERS = `${SELECT}
   WHERE ($1::text IS NULL OR p.status = $1)
     AND ($2::text IS NULL OR label ILIKE $2 OR url ILIKE $2 OR peer_id ILIKE $2 OR remote_peer_id ILIKE $2)
     AND ($3::text IS NULL OR (registered_at, peer_id) > ($3, $4))
   ORDER BY registered_at, peer_id
   LIMIT $5`;

const COUNT_PEERS = `
  SELECT status, health, count(*)::int AS count
    FROM read.peer_directory
   GROUP BY status, health
   ORDER BY status, health`;

// More than a page of trouble is one trouble; the counts say how much there is.
const TROUBLED_PEERS = `${SELECT}
   WHERE health IN ('degraded', 'down')
   ORDER BY since, peer_id
   LIMIT 200`;

type Row = Omit<Peer, 'sentence'> & { readonly judged_at: Instant; readonly evaluated: EvaluatedAt | null };

export interface PeerPage {
  readonly peers: Peer[];
  /** Where the next page starts; null: this was the last. */
  readonly next_cursor: string | null;
}

export async function getPeer(db: Rows, peerId: string): Promise<Peer | null> {
  const { rows } = await db.query(GET_PEER, [peerId]);
  const [row] = rows as Row[];
  return row === undefined ? null : peerOf(row);
}

export async function listPeers(db: Rows, { status, q, limit, cursor }: PeerListQuery): Promise<PeerPage> {
  const from = CURSOR.exec(cursor ?? '')?.groups;
  const values = [status ?? null, q === undefined ? null : containing(q), from?.['registered_at'] ?? null, from?.['peer_id'] ?? null];
  const { rows } = await db.query(LIST_PEERS, [...values, limit + 1]); // One more tells whether there is a next page.
  const peers = (rows as Row[]).slice(0, limit).map(peerOf);
  const last = peers.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { peers, next_cursor: more ? `${last.registered_at}~${last.peer_id}` : null };
}

/** Counts peers by status. A status that no peer has is absent. */
export async function countPeers(db: Rows): Promise<StatusCount[]> {
  return (await db.query(COUNT_PEERS, [])).rows as StatusCount[];
}

/** Those that are degraded or down, the longest first. */
export async function troubledPeers(db: Rows): Promise<Peer[]> {
  return ((await db.query(TROUBLED_PEERS, [])).rows as Row[]).map(peerOf);
}

/** Its sentence is made of the latest evaluation, and of when it was last good. */
function peerOf({ evaluated, judged_at, ...row }: Row): Peer {
  const { details, evidence } = latestOf({ ...row, judged_at }, evaluated);
  const sentence = peerSentence(row.reason, { ...details, last_good_at: row.last_good_at }, Date.now());
  return { ...row, details, evidence: [...evidence], sentence };
}
