import { readFile, stat } from 'node:fs/promises';
import { type Api, isNotFound } from '../api.js';
import type { Accepted, Answer, Peer, PeerAdded } from '../contract.js';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { durationMs } from '../globals.js';
import { readHidden, readPiped } from '../input.js';
import { plain } from '../view/plain.js';
import { details } from '../view/table.js';
import { findPeer, peerTable } from './peers.js';
import { readBack, unread } from './read-back.js';

interface AddOptions {
  remotePeerId: string;
  url: string;
  label: string;
  secretFile?: string;
  secretStdin?: boolean;
}

/** `ap infrastructure peers add`: a secret comes by file or pipe, or is made there and shown here, once. */
export async function addPeer(context: Context, options: AddOptions): Promise<void> {
  const api = await context.api();
  const secret = await secretOf(context, options);
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

/** `ap infrastructure peers suspend`: a duration is counted by the server's clock, like every instant it is compared with. */
export async function suspendPeer(context: Context, { note, until }: SuspendOptions, peer: string): Promise<void> {
  const untilAt = until === undefined ? () => null : instantOf(until);
  await change(context, peer, (api, path, now) => api.command('POST', `${path}/suspend`, { note, until: untilAt(now) }));
}

/** `ap infrastructure peers resume` */
export const resumePeer = (context: Context, _options: object, peer: string): Promise<void> =>
  change(context, peer, (api, path) => api.command('POST', `${path}/resume`, {}));

/** `ap infrastructure peers remove`: only for who types the name of what will be gone. */
export async function removePeer(context: Context, { confirm }: { confirm?: string }, peer: string): Promise<void> {
  const api = await context.api();
  const { data: found } = await findPeer(api, peer);
  if (confirm !== found.peer_id && confirm !== found.label) {
    const sentence = !confirm ? `Removing ${found.label} needs your word` : `${confirm} is not the peer ${found.label}`;
    throw failure(
      'cli.not-confirmed',
      sentence,
      `if it is meant: ap infrastructure peers remove ${found.peer_id} --confirm=${found.peer_id}`,
    );
  }
  const { position } = await api.command<Accepted>('DELETE', `/peers/${found.peer_id}`);
  const answer = await readBack(context, position, () => untilGone(api, position, found.peer_id));
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

const MAX_SECRET_BYTES = 4096;

/** Undefined: the server shall make one. */
async function secretOf(context: Context, { secretFile, secretStdin }: AddOptions): Promise<string | undefined> {
  if (secretFile !== undefined) return withoutLineEnd(await readSecretFile(secretFile), `the file ${secretFile}`);
  if (secretStdin !== true) return undefined;
  const { terminal, output, globals } = context;
  if (terminal.stdin.isTTY !== true) return withoutLineEnd(await readPiped(terminal, context.deadline), 'standard input');
  if (!globals.input)
    throw failure('cli.usage', '--secret-stdin and --no-input, and nothing is piped in', 'pipe the secret in, or use --secret-file');
  output.prompt('Secret (not shown): ');
  return withoutLineEnd(await readHidden(terminal), 'standard input');
}

async function readSecretFile(path: string): Promise<string> {
  try {
    if ((await stat(path)).size > MAX_SECRET_BYTES) throw new Error(`it is longer than ${MAX_SECRET_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw failure(
      'cli.usage',
      `The secret in ${path} cannot be read: ${(error as Error).message}`,
      'name a file that holds the secret alone',
    );
  }
}

function withoutLineEnd(text: string, source: string): string {
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '')
    throw failure('cli.usage', `There is no secret in ${source}`, 'give one there, or leave the option out to have one made');
  return secret;
}

/** `--until`: an instant as it stands, or a duration from the server's now. */
function instantOf(until: string): (now: string | null) => string {
  const ms = durationMs(until);
  if (ms !== undefined) return (now) => new Date(Date.parse(now ?? '') + ms).toISOString();
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i.test(until) && !Number.isNaN(Date.parse(until));
  if (!isInstant)
    throw failure('cli.usage', `--until is neither an instant nor a duration: ${plain(until)}`, 'give one like 2026-12-01T08:00:00Z or 2h');
  return () => new Date(until).toISOString();
}
