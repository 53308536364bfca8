import { type Api, isNotFound } from '../api.js';
import type { Accepted, Answer, Peer, PeerAdded } from '../contract.js';
import type { Context } from '../context.js';
import { requireName } from './confirm.js';
import { details } from '../view/table.js';
import { requireGoodLink } from './link.js';
import { findPeer, peerTable } from './peers.js';
import { readBack, unread } from './read-back.js';
import { type SecretOptions, secretOf } from './secret.js';
import { untilOf } from './when.js';

interface AddOptions extends SecretOptions {
  remotePeerId: string;
  url: string;
  label: string;
  test?: boolean;
}

/** `ap infrastructure peers add`: a secret comes by file or pipe, or is made there and shown here, once. */
export async function addPeer(context: Context, options: AddOptions): Promise<void> {
  const api = await context.api();
  const secret = await secretOf(context, options);
  if (options.test) await requireGoodLink(api, options, secret);
  const added = await api.command<PeerAdded>('POST', '/peers', {
    remote_peer_id: options.remotePeerId,
    label: options.label,
    url: options.url,
    ...(secret === undefined ? {} : { outbound_secret: secret }),
  });
  // Shown before anything else can go wrong: nobody can ask for it a second time.
  if (added.outbound_secret !== undefined) showSecret(context, added.outbound_secret);
  const { position, peer_id, outbound_secret } = added;
  await show(context, api, position, peer_id, outbound_secret === undefined ? {} : { outbound_secret });
}

/** `ap infrastructure peers edit` */
export const editPeer = (context: Context, { label }: { label: string }, peer: string): Promise<void> =>
  change(context, peer, (api, path) => api.command('PATCH', path, { label }));

interface SuspendOptions {
  note: string;
  until?: string;
}

/** `ap infrastructure peers suspend` */
export async function suspendPeer(context: Context, { note, until }: SuspendOptions, peer: string): Promise<void> {
  const untilAt = until === undefined ? () => null : untilOf(until);
  await change(context, peer, (api, path, now) => api.command('POST', `${path}/suspend`, { note, until: untilAt(now) }));
}

/** `ap infrastructure peers resume` */
export const resumePeer = (context: Context, _options: object, peer: string): Promise<void> =>
  change(context, peer, (api, path) => api.command('POST', `${path}/resume`, {}));

/** `ap infrastructure peers pin` */
export const pinPeerKey = (context: Context, { fingerprint }: { fingerprint: string }, peer: string): Promise<void> =>
  change(context, peer, (api, path) => api.command('POST', `${path}/pin`, { fingerprint }));

/** `ap infrastructure peers remove`: only for who types the name of what will be gone. */
export async function removePeer(context: Context, { confirm }: { confirm?: string }, peer: string): Promise<void> {
  const api = await context.api();
  const { data: found } = await findPeer(api, peer);
  const { peer_id: id, label } = found;
  await requireName(context, confirm, { does: 'Removing', one: 'peer', label, id, again: `ap infrastructure peers remove ${id}` });
  const { position } = await api.afresh().command<Accepted>('DELETE', `/peers/${id}`); // The time to type does not count.
  const answer = await readBack(context, position, () => untilGone(api.afresh(), position, found.peer_id));
  context.output.data(SCHEMA, { ...answer, data: { peer_id: found.peer_id, peer: answer.data } }, (canvas) =>
    details([['removed', `${found.peer_id} (${found.label})`]], canvas),
  );
}

const SCHEMA = 'ap.infra.command/v1';
type Change = (api: Api, path: string, now: string | null) => Promise<Accepted>;

async function change(context: Context, peer: string, carryOut: Change): Promise<void> {
  const api = await context.api();
  const { data, as_of } = await findPeer(api, peer);
  const { position } = await carryOut(api, `/peers/${data.peer_id}`, as_of);
  await show(context, api, position, data.peer_id);
}

/** Shows the peer as the command left it. */
async function show(context: Context, api: Api, position: string, peerId: string, extra: object = {}): Promise<void> {
  const answer = await readBack(context, position, () => api.get<Peer>(`/peers/${encodeURIComponent(peerId)}`, { after: position }));
  const { data: peer, as_of } = answer;
  context.output.data(SCHEMA, { ...answer, data: { peer_id: peerId, peer, ...extra } }, (canvas) =>
    peer === null ? details([['accepted', peerId]], canvas) : peerTable([peer], as_of, canvas),
  );
}

/** That there is no such peer any more is what the reader of a removal wants to hear. */
async function untilGone(api: Api, position: string, peerId: string): Promise<Answer<Peer | null>> {
  try {
    return await api.get<Peer>(`/peers/${peerId}`, { after: position });
  } catch (error) {
    if (isNotFound(error)) return unread(position);
    throw error;
  }
}

function showSecret({ output }: Context, secret: string): void {
  output.lines((canvas) => details([['outbound_secret', secret]], canvas));
  output.hint('Shown only now. Give it to the operator of the other side, over a channel you both trust:');
  output.hint('there it is the secret of this instance. If it is lost, remove the peer and add it again.');
}
