import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JetStreamManager, type StreamConfig, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type Msg, type NatsConnection, connect, headers } from '@nats-io/transport-node';
import { startTestCluster, startTestNats } from '@app/runtime/testing';
import { type SnapshotHead, restoreStream, snapshotStream } from './stream-snapshot.js';

const CONFIG = { name: 'S', subjects: ['s.>'], deny_delete: true, deny_purge: true, metadata: { instance_id: 'inst-1' } };

/** Ends what a test started, in reverse. */
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of undo.splice(0).reverse()) await end();
});

async function server(): Promise<{ nc: NatsConnection; jsm: JetStreamManager }> {
  const nats = await startTestNats();
  undo.push(() => nats.stop());
  const nc = await connect({ ...nats.access });
  undo.push(() => nc.close());
  return { nc, jsm: await jetstreamManager(nc) };
}

async function* each<T>(list: readonly T[]): AsyncGenerator<T, void, void> {
  yield* list;
}

async function packed(nc: NatsConnection, stream: string): Promise<{ head: SnapshotHead; chunks: Uint8Array[] }> {
  const chunks: Uint8Array[] = [];
  return { head: await snapshotStream(nc, stream, async (chunk) => void chunks.push(chunk)), chunks };
}

/** Each message that is there, as text that holds all of it. */
async function messages(jsm: JetStreamManager, stream: string): Promise<string[]> {
  const { first_seq, last_seq } = (await jsm.streams.info(stream)).state;
  const all: string[] = [];
  for (let seq = Math.max(first_seq, 1); seq <= last_seq; seq++) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (message === null) continue;
    const head = [...message.header].map(([name, values]) => `${name}=${values.join()}`).join('&');
    all.push(`${seq} ${message.timestamp} ${message.subject} ${head} ${Buffer.from(message.data).toString('base64')}`);
  }
  return all;
}

it('a snapshot holds every message acknowledged before it began, while others go on writing', async () => {
  const [from, to] = [await server(), await server()];
  await from.jsm.streams.add(CONFIG);
  const js = jetstream(from.nc);
  const head = headers();
  head.set('ce-id', 'é1');
  await js.publish('s.first', 'ü', { headers: head });
  for (let i = 0; i < 40; i++) await js.publish(`s.${i % 7}`, randomBytes(200_000)); // Some 8 MB that cannot be compressed: many chunks.
  const before = await messages(from.jsm, 'S');
  let isOver = false;
  const writing = (async () => {
    while (!isOver) await js.publish('s.meanwhile', randomBytes(2_000));
  })();
  const { head: is, chunks } = await packed(from.nc, 'S');
  isOver = true;
  await writing;
  expect(chunks.length).toBeGreaterThan(40);
  await restoreStream(to.nc, is, each(chunks));
  const restored = await messages(to.jsm, 'S');
  expect(restored.slice(0, before.length)).toEqual(before);
  expect(restored).toEqual((await messages(from.jsm, 'S')).slice(0, restored.length));
  const config = (await to.jsm.streams.info('S')).config;
  expect(config).toMatchObject({ deny_delete: true, deny_purge: true, metadata: { instance_id: 'inst-1' } });
  expect((await jetstream(to.nc).publish('s.next', '')).seq).toBe(restored.length + 1);
});

it('a restore keeps the first sequence of a stream that has forgotten its oldest, and an empty stream', async () => {
  const [from, to] = [await server(), await server()];
  await from.jsm.streams.add({ name: 'S', subjects: ['s.>'], max_msgs: 3 });
  await from.jsm.streams.add({ name: 'E', subjects: ['e'] });
  for (let i = 0; i < 10; i++) await jetstream(from.nc).publish('s.x', String(i));
  for (const name of ['S', 'E']) {
    const { head, chunks } = await packed(from.nc, name);
    await restoreStream(to.nc, head, each(chunks));
    expect(await messages(to.jsm, name)).toEqual(await messages(from.jsm, name));
  }
  expect((await to.jsm.streams.info('S')).state).toMatchObject({ first_seq: 8, last_seq: 10 });
});

it.each<[string, (chunks: Uint8Array[]) => Uint8Array[]]>([
  ['cut short', (chunks) => chunks.slice(0, 1)],
  ['damaged', ([first = new Uint8Array(), ...others]) => [first.map((byte, i) => (i === 100 ? byte ^ 1 : byte)), ...others]],
  ['empty', () => []],
])('a restore refuses a snapshot that is %s, and leaves no stream', async (_how, change) => {
  const [from, to] = [await server(), await server()];
  await from.jsm.streams.add(CONFIG);
  for (let i = 0; i < 5; i++) await jetstream(from.nc).publish('s.x', randomBytes(100_000));
  const { head, chunks } = await packed(from.nc, 'S');
  await expect(restoreStream(to.nc, head, each(change(chunks)))).rejects.toMatchObject({ code: 'event-store.snapshot-failed' });
  expect(await to.jsm.streams.names().next()).toEqual([]);
});

it('a restore refuses to overwrite a stream, and a snapshot a stream that is not there', async () => {
  const { nc, jsm } = await server();
  await jsm.streams.add(CONFIG);
  const { head, chunks } = await packed(nc, 'S');
  await expect(restoreStream(nc, head, each(chunks))).rejects.toMatchObject({ code: 'event-store.snapshot-failed' });
  await expect(packed(nc, 'NONE')).rejects.toMatchObject({
    code: 'event-store.snapshot-failed',
    message: expect.stringMatching(/stream not found \(10059\)$/),
  });
});

/** A NATS without JetStream, on which a test sends what a server could send. */
async function plainNats(): Promise<NatsConnection> {
  const server = await startTestCluster({
    size: 1,
    args: ({ dir, port, monitorPort }) => {
      const file = join(dir, 'plain.conf');
      writeFileSync(file, `listen: "127.0.0.1:${port}"\nhttp: "127.0.0.1:${monitorPort}"\n`);
      return ['-c', file];
    },
  });
  undo.push(() => server.stop());
  const nc = await connect({ ...server.access, reconnect: false });
  undo.push(() => nc.close());
  return nc;
}

describe('restoreStream', () => {
  it('sends a chunk again until the server knows who takes it, and only once after that', async () => {
    const nc = await plainNats();
    const taken: string[] = [];
    nc.subscribe('$JS.API.STREAM.RESTORE.S', {
      callback: (_error, request: Msg) => void request.respond(JSON.stringify({ deliver_subject: 'chunks' })),
    });
    const take = (_error: Error | null, chunk: Msg): void => {
      taken.push(chunk.string());
      chunk.respond(chunk.data.length > 0 ? '' : '{}');
    };
    let unheard = 0;
    const late = new Proxy(nc, {
      get: (target, key: keyof NatsConnection) =>
        key !== 'request'
          ? target[key]
          : (...args: Parameters<NatsConnection['request']>) =>
              target.request(...args).catch((error: unknown) => {
                if (++unheard === 2) nc.subscribe('chunks', { callback: take });
                throw error;
              }),
    });
    const head = { config: CONFIG as unknown as StreamConfig, state: {} } as SnapshotHead;
    await restoreStream(late, head, each([new TextEncoder().encode('a'), new TextEncoder().encode('b')]));
    expect([unheard, taken]).toEqual([2, ['a', 'b', '']]);
  });
});

describe('snapshotStream', () => {
  async function answered(serve: (nc: NatsConnection, deliver: string) => void): Promise<NatsConnection> {
    const nc = await plainNats();
    nc.subscribe('$JS.API.STREAM.SNAPSHOT.S', {
      callback: (_error, request: Msg) => {
        request.respond(JSON.stringify({ config: CONFIG as unknown as StreamConfig, state: {} }));
        serve(nc, request.json<{ deliver_subject: string }>().deliver_subject);
      },
    });
    return nc;
  }
  const chunk = (nc: NatsConnection, to: string, index: number): void =>
    nc.publish(to, 'xx', { reply: `$JS.SNAPSHOT.ACK.S.id.2.${index}` });
  const end = (nc: NatsConnection, to: string, code?: number, why?: string): void =>
    nc.publish(to, '', code === undefined ? {} : { headers: headers(code, why) });

  it('takes the status 204 for the end, and acknowledges each chunk that asks for it', async () => {
    const acknowledged: string[] = [];
    const nc = await answered((at, to) => {
      for (const index of [1, 2]) chunk(at, to, index);
      at.publish(to, 'xx');
      end(at, to, 204, 'EOF');
    });
    nc.subscribe('$JS.SNAPSHOT.ACK.>', { callback: (_error, { subject }) => void acknowledged.push(subject.split('.').at(-1) ?? '') });
    expect((await packed(nc, 'S')).chunks).toHaveLength(3);
    await nc.flush();
    expect(acknowledged).toEqual(['1', '2']);
  });

  it('throws the reason of a server that breaks off', async () => {
    const nc = await answered((at, to) => (chunk(at, to, 1), end(at, to, 500, 'disk broken')));
    await expect(packed(nc, 'S')).rejects.toThrow('the server broke off the snapshot of S: 500 disk broken');
  });

  it('throws when a chunk was lost', async () => {
    const nc = await answered((at, to) => (chunk(at, to, 1), chunk(at, to, 3), end(at, to)));
    await expect(packed(nc, 'S')).rejects.toThrow('chunk 3 of S came where chunk 2 was to come');
  });

  it('throws at once when the connection is gone', async () => {
    const nc = await answered((at, to) => {
      chunk(at, to, 1);
      void at.flush().then(() => at.close());
    });
    await expect(packed(nc, 'S')).rejects.toThrow('the connection to NATS ended while S was read');
  });
});
