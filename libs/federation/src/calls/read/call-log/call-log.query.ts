import { type Instant, Position } from '@app/kernel';
import type { Rows } from '@app/read-store';
import type { Direction } from '../../events/index.js';
import type { PeerId } from '../../../peers/events/index.js';
import { CURSOR, type Call, type CallListQuery } from './call-log.view.js';
import { callSentence } from './call-sentence.js';

const COLUMNS = `
         position, call_id, direction, peer_id, agent, method, method_class, protocol_version, binding, rpc_id, task_id, context_id,
         message_id, outcome, reason, http_status, rpc_error_code, accepted_at, ended_at, first_byte_ms, total_ms, request_bytes,
         response_bytes, sse_events, rule_id, rule_version, caller, actor, key_id, trace_id`;

// Newest first, by where they are in the log: no page repeats one, or skips one, while more come.
const CALLS_OF = `
  SELECT ${COLUMNS}
    FROM read.call_log
   WHERE peer_id = $1
     AND ($2::text IS NULL OR direction = $2)
     AND ($3::text IS NULL OR outcome = $3)
     AND ($4::bigint IS NULL OR position < $4)
   ORDER BY position DESC
   LIMIT $5`;

const PEER = 'SELECT 1 FROM read.peer_directory WHERE peer_id = $1';

const CALL = `
  SELECT ${COLUMNS}
    FROM read.call_log
   WHERE call_id = $1
   ORDER BY position DESC
   LIMIT 1`;

const NAMES = 'SELECT token_id, name FROM read.call_callers WHERE token_id = ANY($1::text[])';

const LEFT_OPEN = `
  SELECT record_id, direction, peer_id, call_id, boot_id
    FROM read.call_log
   WHERE outcome = 'open' AND record_id > $2 AND (boot_id <> $1 OR accepted_at < $4)
   ORDER BY record_id
   LIMIT $3`;

type Row = Omit<Call, 'sentence' | 'caller_name'> & { readonly position: number };

export interface CallPage {
  readonly calls: Call[];
  /** Where the next page starts; null: this was the last. */
  readonly next_cursor: string | null;
}

/** What an answer holds for whoever asks. Names of tokens are not for viewers. */
interface Observation {
  readonly withNames: boolean;
}

/** null: there is no such peer, and no call of one that was there before. */
export async function listCalls(db: Rows, peerId: string, query: CallListQuery, visibility: Observation): Promise<CallPage | null> {
  const { direction, outcome, limit, cursor } = query;
  const before = CURSOR.exec(cursor ?? '')?.groups?.['position'] ?? null;
  const values = [peerId, direction ?? null, outcome ?? null, before, limit + 1]; // One more tells whether there is a next page.
  const rows = (await db.query(CALLS_OF, values)).rows as Row[];
  if (rows.length === 0 && (await db.query(PEER, [peerId])).rows.length === 0) return null;
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    calls: await named(db, page, visibility),
    next_cursor: last === undefined ? null : new Position({ calls: last.position }).format(),
  };
}

/** The newest that has this id: who calls may choose one twice. null: there is none. */
export async function getCall(db: Rows, callId: string, visibility: Observation): Promise<Call | null> {
  const [row] = (await db.query(CALL, [callId])).rows as Row[];
  const [call = null] = await named(db, row === undefined ? [] : [row], visibility);
  return call;
}

/** A call that is under way, as far as the rows know. */
export interface OrphanCandidate {
  readonly record_id: string;
  readonly direction: Direction;
  readonly peer_id: PeerId;
  readonly call_id: string;
  readonly boot_id: string;
}

export interface LeftOpen {
  readonly bootId: string;
  /** Those of the run itself count when they were let through before. */
  readonly before: Instant;
  /** The record before the first. */
  readonly after: string;
  readonly limit: number;
}

/** Those that are under way in other runs than `bootId`, or for long in itself, in the order of their records. */
export async function callsLeftOpen(db: Rows, { bootId, before, after, limit }: LeftOpen): Promise<OrphanCandidate[]> {
  return (await db.query(LEFT_OPEN, [bootId, after, limit, before])).rows as OrphanCandidate[];
}

/** The calls with the names of the tokens that made them, as far as whoever asks sees those. */
async function named(db: Rows, calls: readonly Row[], { withNames }: Observation): Promise<Call[]> {
  const ids = withNames ? [...new Set(calls.flatMap(tokensOf))] : [];
  const { rows } = ids.length === 0 ? { rows: [] } : await db.query(NAMES, [ids]);
  const names = new Map((rows as { token_id: string; name: string }[]).map(({ token_id, name }) => [token_id, name]));
  return calls.map((row) => {
    const { position: _, ...call } = row;
    const told = { ...call, caller_name: names.get(tokensOf(row)[0] ?? '') ?? null };
    return { ...told, sentence: callSentence(told) };
  });
}

/** The id of the token that made a call out. */
const tokensOf = ({ actor }: Row): string[] => (actor.startsWith(TOKEN) ? [actor.slice(TOKEN.length)] : []);
const TOKEN = 'token:';
