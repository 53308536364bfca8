import type { ApiError, StreamConfig, StreamInfo, StreamState } from '@nats-io/jetstream';
import { type Msg, type NatsConnection, createInbox, errors } from '@nats-io/transport-node';
import { messageOf } from '@app/kernel';
import { pause } from './pause.js';

/** Bytes of one message of a snapshot; the maximum of a message is 1 MiB unless the server says otherwise. */
const CHUNK_BYTES = 128 * 1024;
/** Time the server may take for one answer, ms. */
const ANSWER_MS = 30_000;
/** Time between two chunks, ms: the server reads a stream of some GiB from its disk while others use that disk. */
const STALLED_MS = 60_000;
/** Time the server may take to unpack and read back a stream, ms. */
const UNPACK_MS = 30 * 60_000;
/** Time in which our server of a cluster learns where another one takes the chunks, ms. */
const KNOWN_MS = 10_000;
const ASK_AGAIN_MS = 50;

/** What the server says of a stream that it packs. */
export interface SnapshotHead {
  readonly config: StreamConfig;
  readonly state: StreamState;
}

/** The server refused to pack or to unpack a stream, or the connection broke. What was received or sent is worth nothing. */
export class SnapshotFailed extends Error {
  readonly code = 'event-store.snapshot-failed';
}

/**
 * Reads a stream as the leader packs it: a tar compressed with S2, which only a server reads. It holds every message that was
 * acknowledged before the question, with its sequence and time, and no consumers. Writers go on meanwhile.
 *
 * The protocol is that of nats-server: `$JS.API.STREAM.SNAPSHOT.<stream>` answers configuration and state, then chunks come to
 * `deliver_subject`, each with an address for an acknowledgement that ends in `<bytes>.<index>`. An empty message ends them; its
 * status, where it has one, is 204, or says why the snapshot broke.
 */
export async function snapshotStream(
  nc: NatsConnection,
  stream: string,
  take: (chunk: Uint8Array, head: SnapshotHead) => Promise<void>,
): Promise<SnapshotHead> {
  const inbox = createInbox();
  const subscription = nc.subscribe(inbox);
  try {
    const request = { deliver_subject: inbox, no_consumers: true, chunk_size: CHUNK_BYTES };
    const head = await ask<SnapshotHead>(nc, `$JS.API.STREAM.SNAPSHOT.${stream}`, request, ANSWER_MS);
    const chunks = subscription[Symbol.asyncIterator]();
    for (let index = 1; ; index++) {
      const chunk = await nextOf(chunks, stream);
      if (chunk.data.length === 0) {
        assertWhole(chunk, stream);
        return head;
      }
      assertNext(chunk, index, stream);
      await take(chunk.data, head);
      chunk.respond(); // Only now: the server sends at most a window ahead of what is written here.
    }
  } finally {
    subscription.unsubscribe();
  }
}

async function nextOf(chunks: AsyncIterator<Msg>, stream: string): Promise<Msg> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new SnapshotFailed(`the server sent nothing of ${stream} for ${STALLED_MS} ms`)), STALLED_MS);
  try {
    const { done, value } = await Promise.race([chunks.next(), late.promise]);
    if (done === true) throw new SnapshotFailed(`the connection to NATS ended while ${stream} was read`);
    return value;
  } finally {
    clearTimeout(timer);
  }
}

/** Messages of plain NATS can be lost. The last chunk may have no address, and so no index. */
function assertNext({ reply }: Msg, index: number, stream: string): void {
  const is = reply === undefined || reply === '' ? index : Number(reply.split('.').at(-1));
  if (is !== index) throw new SnapshotFailed(`chunk ${is} of ${stream} came where chunk ${index} was to come`);
}

function assertWhole({ headers }: Msg, stream: string): void {
  const { code = 0, description = '' } = headers ?? {};
  if (code !== 0 && code !== 204) throw new SnapshotFailed(`the server broke off the snapshot of ${stream}: ${code} ${description}`);
}

/**
 * Makes a stream of what `snapshotStream` took. There must be no stream of this name. Resolves when the server has read it back, to
 * what it holds. A stream that was unpacked in part is not there afterwards.
 */
export async function restoreStream(
  nc: NatsConnection,
  { config, state }: SnapshotHead,
  chunks: AsyncIterable<Uint8Array>,
  sent: (bytes: number) => void = () => undefined,
): Promise<StreamInfo> {
  const subject = `$JS.API.STREAM.RESTORE.${config.name}`;
  const { deliver_subject } = await ask<{ deliver_subject: string }>(nc, subject, { config, state }, ANSWER_MS);
  for await (const chunk of chunks) {
    assertTaken(await heard(nc, deliver_subject, chunk, ANSWER_MS), config.name);
    sent(chunk.length);
  }
  return assertTaken<StreamInfo>(await heard(nc, deliver_subject, new Uint8Array(), UNPACK_MS), config.name);
}

async function ask<T>(nc: NatsConnection, subject: string, request: object, timeout: number): Promise<T> {
  return assertTaken<T>(await requested(nc, subject, JSON.stringify(request), timeout), subject);
}

/**
 * `requested` by the server that unpacks. It answered where it takes the chunks, and that answer can be here before our server knows
 * that anybody listens there. A request that nobody heard changed nothing, so it is sent again for KNOWN_MS.
 */
async function heard(nc: NatsConnection, subject: string, data: Uint8Array, timeout: number): Promise<Msg> {
  for (const end = performance.now() + KNOWN_MS; ;) {
    try {
      return await requested(nc, subject, data, timeout);
    } catch (error) {
      const { cause } = error as SnapshotFailed;
      const isUnheard = cause instanceof errors.NoRespondersError || (cause instanceof errors.RequestError && cause.isNoResponders());
      if (!isUnheard || performance.now() > end) throw error;
    }
    await pause(ASK_AGAIN_MS);
  }
}

async function requested(nc: NatsConnection, subject: string, data: Uint8Array | string, timeout: number): Promise<Msg> {
  try {
    return await nc.request(subject, data, { timeout });
  } catch (error) {
    throw new SnapshotFailed(`the server did not answer: ${messageOf(error)}`, { cause: error });
  }
}

/** The answer to a chunk is empty unless something is wrong; any other is JSON. */
function assertTaken<T>({ data }: Msg, what: string): T {
  const text = new TextDecoder().decode(data);
  const answer = (text === '' ? {} : JSON.parse(text)) as T & { readonly error?: ApiError };
  if (answer.error === undefined) return answer;
  throw new SnapshotFailed(`the server refused ${what}: ${answer.error.description} (${answer.error.err_code})`);
}
