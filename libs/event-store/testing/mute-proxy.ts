import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

export interface MuteProxy {
  /** `nats://127.0.0.1:port` */
  readonly url: string;
  /** From now on the server's words are swallowed; the client's still arrive. */
  mute(): void;
  /** From now on nothing passes either way, and every connection stays: packets are dropped. */
  isolate(): void;
  /** Cuts every connection and lets new ones through both ways. */
  unmute(): void;
  close(): Promise<void>;
}

/** A network in which answers get lost. */
export async function muteProxy(target: string): Promise<MuteProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<Socket>();
  let muted = false;
  let isolated = false;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      pairs.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => pairs.delete(socket));
    }
    client.on('data', (bytes) => void (isolated || upstream.write(bytes))).on('close', () => void (isolated || upstream.destroy()));
    upstream.on('data', (bytes) => void (muted || isolated || client.write(bytes))).on('close', () => void (isolated || client.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => pairs.forEach((socket) => socket.destroy());
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mute: () => void (muted = true),
    isolate: () => void (isolated = true),
    unmute: () => {
      muted = false;
      isolated = false;
      cut();
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
