import { type Api, isNotFound } from '../api.js';
import type { Answer, Peer } from '../contract.js';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { type Canvas, details, table } from '../view/table.js';
import { age, ago, instant, state, why } from '../view/words.js';
import { MAX_ROWS } from '../grammar.js';

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

/** What the API takes as `q`; no label is longer. */
const MAX_SEARCH_CHARS = 100;
/** What can be an id: anything else must be a label. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** A peer by its id, else by the label that it alone has. */
export async function findPeer(api: Api, text: string): Promise<Answer<Peer>> {
  try {
    if (ID.test(text)) return await api.get<Peer>(`/peers/${text}`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const { data, ...answer } = await api.list<Peer>('/peers', { q: text.slice(0, MAX_SEARCH_CHARS) }, MAX_ROWS);
  const [peer, ...more] = data.filter(({ label }) => label === text);
  if (peer === undefined)
    throw failure('cli.peer-unknown', `No peer has the id or the label ${text}`, 'see which there are: ap infrastructure peers list');
  if (more.length > 0) {
    const ids = [peer, ...more].map(({ peer_id }) => peer_id).join(', ');
    throw failure('cli.peer-ambiguous', `${more.length + 1} peers have the label ${text}`, `name one by its id: ${ids}`);
  }
  return { ...answer, next_cursor: undefined, data: peer };
}

export const peerTable = (peers: readonly Peer[], now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'NAME', least: 12 },
      { head: 'STATUS' },
      { head: 'FOR' },
      { head: 'LAST SEEN' },
      { head: 'PEER ID' },
      { head: 'WHY', least: 16 },
    ],
    peers.map(({ label, status, health, since, last_heartbeat_at, peer_id, reason, sentence }) => [
      label,
      state(status, health),
      age(since, now),
      ago(last_heartbeat_at, now),
      peer_id,
      why(reason, sentence),
    ]),
    canvas,
  );

const peerDetails = (peer: Peer, now: string | null, canvas: Canvas): string[] =>
  details(
    [
      ['name', peer.label],
      ['status', state(peer.status, peer.health)],
      ['why', peer.reason === null ? peer.sentence : why(peer.reason, peer.sentence)],
      ['since', `${instant(peer.since)} (${age(peer.since, now)})`],
      ['lifecycle', peer.lifecycle],
      ['suspended until', instant(peer.suspended_until)],
      ['last heartbeat', instant(peer.last_heartbeat_at)],
      ['url', peer.url],
      ['peer id', peer.peer_id],
      ['remote peer id', peer.remote_peer_id],
      ['secret fingerprint', peer.secret_fingerprint],
      ['calls', `${peer.calls_in} in, ${peer.calls_out} out`],
      ['registered', `${instant(peer.registered_at)} by ${peer.registered_by}`],
    ],
    canvas,
  );
