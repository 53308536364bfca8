import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/**
 * A wire to a server that a test can cut or freeze, on a port of its own. `cut`: the server is gone, as after a crash. `freeze`: it
 * takes connections and says nothing, as after SIGSTOP; what was said meanwhile arrives when it is mended.
 */
export interface FaultyTcpProxy {
  readonly url: string;
  cut(): void;
  freeze(): void;
  mend(): void;
  close(): Promise<void>;
}

export async function faultyTcpProxyTo(url: string): Promise<FaultyTcpProxy> {
  const far = new URL(url);
  const pairs = new Set<[Socket, Socket]>();
  let state: 'whole' | 'frozen' | 'cut' = 'whole';

  const server = createServer((near) => {
    if (state === 'cut') return void near.destroy();
    const pair: [Socket, Socket] = [near, connect(Number(far.port), far.hostname)];
    pairs.add(pair);
    for (const [i, end] of pair.entries()) {
      const other = pair[1 - i] as Socket;
      end.on('error', () => other.destroy());
      end.on('close', () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
    if (state === 'whole') join(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const near = new URL(url);
  near.hostname = '127.0.0.1';
  near.port = String((server.address() as AddressInfo).port);

  const join = ([a, b]: [Socket, Socket]): void => void a.pipe(b).pipe(a);
  return {
    url: near.href,
    cut() {
      state = 'cut';
      for (const [a] of pairs) a.destroy();
    },
    freeze() {
      state = 'frozen';
      for (const [a, b] of pairs) {
        a.unpipe(b).pause();
        b.unpipe(a).pause();
      }
    },
    mend() {
      if (state === 'frozen') for (const pair of pairs) join(pair);
      state = 'whole';
    },
    async close() {
      for (const [a] of pairs) a.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
