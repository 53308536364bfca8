import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface MuteProxy {
  /** `nats://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  /** From now on the server's words are swallowed; the client's still arrive. */
  mute(): void;
  /** From now on nothing passes either way, and every connection stays: packets are dropped. */
  isolate(): void;
  /** From now on every byte arrives so much later, ms, and in order. 0: at once again; no connection is cut. */
  delay(ms: number): void;
  /** Resets every connection (RST), in both directions; new ones pass. */
  reset(): void;
  /** Cuts every connection and lets new ones through both ways. */
  unmute(): void;
  close(): Promise<void>;
}

/** A network in which answers get lost. */
export async function muteProxy(target: string): Promise<MuteProxy> {
  const { hostname, port: upstreamPort } = new URL(target);
  const pairs = new Set<Socket>();
  let muted = false;
  let isolated = false;
  let delayMs = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(upstreamPort), hostname);
    for (const socket of [client, upstream]) {
      pairs.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => pairs.delete(socket));
    }
    const [ask, answer] = [upstream, client].map((to) => inOrder(to, () => delayMs)) as [Pass, Pass];
    client.on('data', (bytes) => void (isolated || ask(bytes))).on('close', () => void (isolated || upstream.destroy()));
    upstream.on('data', (bytes) => void (muted || isolated || answer(bytes))).on('close', () => void (isolated || client.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => pairs.forEach((socket) => socket.destroy());
  const { port } = server.address() as AddressInfo;
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    mute: () => void (muted = true),
    isolate: () => void (isolated = true),
    delay: (ms) => void (delayMs = ms),
    reset: () => pairs.forEach((socket) => socket.resetAndDestroy()),
    unmute: () => {
      muted = false;
      isolated = false;
      delayMs = 0;
      cut();
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

type Pass = (bytes: Buffer) => void;

/** Writes to a socket, each piece when its delay is over and never before an earlier one. */
function inOrder(to: Socket, delayMs: () => number): Pass {
  const waiting: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  const drain = (): void => {
    const now = performance.now();
    while (waiting[0] !== undefined && waiting[0].dueMs <= now) to.write(waiting.shift()!.bytes);
    if (waiting[0] !== undefined) setTimeout(drain, Math.max(1, waiting[0].dueMs - now));
  };
  return (bytes) => {
    const ms = delayMs();
    if (ms === 0 && waiting.length === 0) return void to.write(bytes);
    waiting.push({ bytes, dueMs: performance.now() + ms });
    if (waiting.length === 1) setTimeout(drain, Math.max(1, ms));
  };
}
