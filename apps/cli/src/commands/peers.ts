import type { Api } from '../api.js';
import type { Answer, Peer } from '../contract.js';
import type { Context } from '../context.js';
import { Failure } from '../failure.js';
import { MAX_ROWS } from '../grammar.js';
import { type Canvas, details, table } from '../view/table.js';
import { age, ago, instant, latency, state, why } from '../view/words.js';
import { type Kind, find } from './find.js';

interface ListOptions {
  status?: string;
  search?: string;
  limit: number;
}

/** `ap infrastructure peers list` */
export async function listPeers(context: Context, { status, search, limit }: ListOptions): Promise<void> {
  const api = await context.api();
  const peers = await api.list<Peer>('/peers', { status, q: search }, limit);
  context.output.data('ap.infra.peers.list/v1', peers, (canvas) =>
    peers.data.length === 0 ? [] : peerTable(peers.data, peers.as_of, canvas),
  );
  if (peers.data.length === 0) {
    const isFiltered = status !== undefined || search !== undefined;
    context.output.hint(isFiltered ? 'No peer is like that.' : 'No peer is registered. Add one: ap infrastructure peers add --help');
  }
  if (peers.next_cursor !== undefined) context.output.hint(`(only the first ${limit}, use --limit for more)`);
}

/** `ap infrastructure peers get` */
export async function getPeer(context: Context, _options: object, peer: string): Promise<void> {
  const answer = await findPeer(await context.api(), peer);
  context.output.data('ap.infra.peer/v1', answer, (canvas) => peerDetails(answer.data, answer.as_of, canvas));
}

const PEERS: Kind<Peer> = {
  path: '/peers',
  one: 'peer',
  many: 'peers',
  list: 'ap infrastructure peers list',
  unknown: 'cli.peer-unknown',
  ambiguous: 'cli.peer-ambiguous',
  idOf: ({ peer_id }) => peer_id,
  namesOf: ({ label }) => [label],
};

/** A peer by its id, else by the label that it alone has. */
export const findPeer = (api: Api, text: string): Promise<Answer<Peer>> => find(api, PEERS, text);

/** What peers are called, by their ids. */
export type Labels = ReadonlyMap<string, string>;

/** For a reader: a program gets ids. None where they cannot be had, which is no reason to show nothing. */
export async function labelsFor({ globals }: Context, api: Api): Promise<Labels> {
  if (globals.output === 'json') return new Map();
  try {
    const { data } = await api.list<Peer>('/peers', {}, MAX_ROWS);
    return new Map(data.map(({ peer_id, label }) => [peer_id, label]));
  } catch (error) {
    if (error instanceof Failure) return new Map();
    throw error;
  }
}

export const peerTable = (peers: readonly Peer[], now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'NAME', least: 12 },
      { head: 'STATUS' },
      { head: 'FOR' },
      { head: 'RTT' },
      { head: 'LAST SEEN' },
      { head: 'PEER ID' },
      { head: 'WHY', below: true },
    ],
    peers.map(({ label, status, health, since, rtt_ms, last_heartbeat_at, peer_id, reason, sentence }) => [
      label,
      state(status, health),
      age(since, now),
      latency(rtt_ms),
      ago(last_heartbeat_at, now),
      peer_id,
      why(reason, sentence),
    ]),
    canvas,
  );

/** A server of an older release says nothing of keys. */
const keyOf = ({ key_fingerprint, key_pinned_at }: Peer): string =>
  key_fingerprint
    ? `${key_fingerprint}, pinned since ${instant(key_pinned_at)}`
    : 'not audited: it has shown none yet, or is of an older release';

const peerDetails = (peer: Peer, now: string | null, canvas: Canvas): string[] =>
  details(
    [
      ['name', peer.label],
      ['status', state(peer.status, peer.health)],
      ['why', peer.reason === null ? peer.sentence : why(peer.reason, peer.sentence)],
      ['since', `${instant(peer.since)} (${age(peer.since, now)})`],
      ['their view of us', peer.their_view ?? ''],
      ['round trip', latency(peer.rtt_ms)],
      ['last good', instant(peer.last_good_at)],
      ['last heartbeat', instant(peer.last_heartbeat_at)],
      ['next retry', instant(peer.next_retry_at)],
      ['lifecycle', peer.lifecycle],
      ['suspended until', instant(peer.suspended_until)],
      ['url', peer.url],
      ['peer id', peer.peer_id],
      ['remote peer id', peer.remote_peer_id],
      ['secret fingerprint', peer.secret_fingerprint],
      ['instance key', keyOf(peer)],
      ['calls', `${peer.calls_in} in, ${peer.calls_out} out`],
      ['registered', `${instant(peer.registered_at)} by ${peer.registered_by}`],
      ['evidence', peer.evidence.join(' ')],
    ],
    canvas,
  );
