import { type Socket, connect } from 'node:net';
import { type EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';
import { type PublicEndpoint, PublicListener, addressOf } from '@app/http';

const stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of stop.splice(0)) await end();
});

const echo: PublicEndpoint = {
  prefixes: ['/echo/'],
  handle: async (request, response) => {
    if (request.url === '/echo/throw') throw new Error('a bug');
    if (request.url === '/echo/tear') {
      response.write('half');
      throw new Error('a bug after the first byte');
    }
    response.end(request.url);
  },
  upgrade: (request, socket) => {
    if (request.url === '/echo/throw') throw new Error('a bug');
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\nhello');
  },
};

async function listening(
  endpoints: readonly PublicEndpoint[],
  failing: readonly string[] = [],
  maxConnections?: number,
  perAddress?: number,
) {
  const bugs: unknown[] = [];
  const listener = new PublicListener(
    endpoints,
    {
      ...{ host: '127.0.0.1', port: 0 },
      ...(maxConnections !== undefined && { maxConnections }),
      ...(perAddress !== undefined && { maxConnectionsPerAddress: perAddress }),
    },
    async () => failing,
    (error) => void bugs.push(error),
  );
  const port = await listener.listen();
  stop.push(() => listener.close());
  return { listener, port, bugs, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) };
}

async function upgraded(port: number, path: string, to = 'websocket'): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: ${to}\r\n\r\n`);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  await once(socket, 'close');
  return text;
}

it('hands a request to the endpoint of its prefix, and answers 404 for what none takes', async () => {
  const { get } = await listening([echo]);
  expect(await (await get('/echo/a?b=c')).text()).toBe('/echo/a?b=c');
  const none = await get('/elsewhere');
  expect([none.status, await none.json()]).toMatchObject([404, { code: 'http.404', next: expect.any(String) }]);
});

it('says that it lives, and whether it is ready', async () => {
  const ready = await listening([]);
  expect([(await ready.get('/healthz')).status, (await ready.get('/readyz')).status]).toEqual([200, 200]);
  const cut = await listening([], ['nats']);
  const answer = await cut.get('/readyz');
  expect([answer.status, await answer.json()]).toEqual([503, { status: 'not_ready', failing: ['nats'] }]);
});

it('is not ready while one of its endpoints is not, whatever is well besides', async () => {
  let word: string | null = 'peers';
  const { get } = await listening([echo, { ...echo, prefixes: ['/other/'], failing: () => word }]);
  const answer = await get('/readyz');
  expect([answer.status, await answer.json()]).toEqual([503, { status: 'not_ready', failing: ['peers'] }]);
  word = null;
  expect((await get('/readyz')).status).toBe(200);
});

it('answers a bug with 500 and no word of it, and tears an answer that began', async () => {
  const { get, bugs } = await listening([echo]);
  const answer = await get('/echo/throw');
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('a bug');
  await expect(get('/echo/tear').then((torn) => torn.text())).rejects.toThrow('terminated');
  expect(bugs).toHaveLength(2);
});

it('hands a socket over to an endpoint that takes it, and to no other', async () => {
  const { port } = await listening([echo, { prefixes: ['/plain/'], handle: async () => undefined }]);
  expect(await upgraded(port, '/echo/tunnel')).toMatch(/hello$/);
  expect(await upgraded(port, '/nowhere')).toMatch(/^HTTP\/1.1 404 /);
});

it('answers who offers a protocol that no endpoint takes, as if it had not', async () => {
  const { port } = await listening([echo, { prefixes: ['/plain/'], handle: async (request, response) => void response.end(request.url) }]);
  expect(await upgraded(port, '/echo/a', 'h2c')).toMatch(/^HTTP\/1.1 200 [^]*\/echo\/a/);
  expect(await upgraded(port, '/plain/a')).toMatch(/^HTTP\/1.1 200 [^]*\/plain\/a/);
});

it('lives on when an endpoint fails at an upgrade, and when a connection cannot be accepted', async () => {
  const { listener, port, bugs, get } = await listening([echo]);
  expect(await upgraded(port, '/echo/throw')).toBe('');
  const { server } = listener as unknown as { server: EventEmitter };
  for (let i = 0; i < 2; i++) server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  expect(bugs).toHaveLength(3);
  expect((await get('/echo/a')).status).toBe(200);
});

it('closes although somebody who was refused another protocol keeps his half of the connection', async () => {
  const { listener, port } = await listening([echo]);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(socket, 'data');
  await listener.close();
  socket.destroy();
});

it('closes without the sockets that endpoints have taken over, which end when their door does', async () => {
  const taken = Promise.withResolvers<Duplex>();
  const tunnels: PublicEndpoint = {
    prefixes: ['/tunnel'],
    handle: async () => undefined,
    upgrade: (_request, socket) => taken.resolve(socket),
  };
  const { listener, port } = await listening([tunnels]);
  const client = connect(port, '127.0.0.1');
  client.write('GET /tunnel HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const socket = await taken.promise;
  await listener.close();
  socket.end('still there');
  const [heard] = (await once(client, 'data')) as [Buffer];
  expect(heard.toString()).toBe('still there');
});

it('counts its connections without the sockets that endpoints have taken over', async () => {
  const taken: Duplex[] = [];
  const tunnels: PublicEndpoint = {
    prefixes: ['/tunnel'],
    handle: async () => undefined,
    upgrade: (_request, socket) => {
      taken.push(socket);
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    },
  };
  const { port, listener } = await listening([tunnels], [], 2);
  const { server } = listener as unknown as { server: EventEmitter };
  /** Stays open; with what was answered, '' when it was closed instead. */
  const ask = async (path: string, more = ''): Promise<{ status: string; client: Socket }> => {
    const client = connect(port, '127.0.0.1').on('error', () => undefined);
    stop.unshift(async () => void client.destroy());
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`);
    const [answer = ''] = (await Promise.race([once(client, 'data'), once(client, 'close').then(() => [])])) as [Buffer?];
    return { status: answer.toString().slice(9, 12), client };
  };
  for (let i = 0; i < 5; i++) await ask('/tunnel', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const { status, client } = await ask('/healthz');
  expect([taken.length, status, (await ask('/healthz')).status, (await ask('/healthz')).status]).toEqual([5, '200', '200', '']);

  const [place] = await accepted;
  client.destroy();
  await once(place, 'close');
  for (const socket of taken) await once(socket.destroy(), 'close'); // They had left; their end frees no place again.
  expect([(await ask('/healthz')).status, (await ask('/healthz')).status]).toEqual(['200', '']);
});

it('closes the idle connections of one address for others of it, and not an answer that is under way', async () => {
  const endless: PublicEndpoint = { prefixes: ['/endless/'], handle: async (_request, response) => response.flushHeaders() };
  const { port, get, listener } = await listening([endless], [], undefined, 3);
  const { server } = listener as unknown as { server: EventEmitter };
  const silent = async (): Promise<{ socket: Socket; closed: Promise<unknown> }> => {
    const seen = once(server, 'connection');
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')));
    stop.unshift(async () => void socket.destroy());
    await seen;
    return { socket, closed };
  };
  const busy = await silent();
  busy.socket.write('GET /endless/ HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(busy.socket, 'data');
  const idle = [await silent(), await silent(), await silent(), await silent()];
  expect(await Promise.all(idle.slice(0, 2).map(({ closed }) => closed))).toEqual(['closed', 'closed']);
  expect((await get('/healthz')).status).toBe(200);
  expect(await idle[2]?.closed).toBe('closed');
  expect(busy.socket.destroyed).toBe(false);
});

it('refuses a request that names two hosts, and hands it to no endpoint', async () => {
  let taken = 0;
  const { port } = await listening([{ prefixes: ['/a'], handle: async () => void taken++, upgrade: () => void taken++ }]);
  for (const more of ['Connection: close', 'Connection: Upgrade\r\nUpgrade: websocket']) {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /a HTTP/1.1\r\nHost: butler.example\r\nHost: other.example\r\n${more}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
    socket.destroy();
  }
  expect(taken).toBe(0);
});

it('cuts what does not end when it closes, and says so to its endpoints before', async () => {
  const [began, heard] = [Promise.withResolvers<void>(), [] as string[]];
  const endless: PublicEndpoint = {
    prefixes: ['/endless/'],
    handle: async (_request, response) => {
      response.on('close', () => heard.push('cut'));
      response.flushHeaders();
      began.resolve();
    },
    closing: () => void heard.push('closing'),
  };
  const listener = new PublicListener(
    [endless, echo],
    { host: '127.0.0.1', port: 0, closeMs: 0 },
    async () => [],
    () => undefined,
  );
  const answer = fetch(`http://127.0.0.1:${await listener.listen()}/endless/`).then((cut) => cut.text());
  answer.catch(() => undefined);
  await began.promise;
  await listener.close();
  await expect(answer).rejects.toThrow('terminated');
  expect(heard).toEqual(['closing', 'cut']);
});

it('lets an answer end that is under way when it closes', async () => {
  const began = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow: PublicEndpoint = {
    prefixes: ['/slow/'],
    handle: async (_request, response) => {
      response.flushHeaders();
      began.resolve();
      await goOn.promise;
      response.end('whole');
    },
  };
  const { listener, get } = await listening([slow]);
  const answer = get('/slow/').then((whole) => whole.text());
  await began.promise;
  const closed = listener.close();
  goOn.resolve();
  expect(await answer).toBe('whole');
  await closed;
});

it.each([
  ['names the client by the header of a trusted proxy', ['127.0.0.0/8'], '192.0.2.1'],
  ['ignores the header of a sender that it does not trust', ['10.0.0.0/8'], '127.0.0.1'],
  ['ignores the header when no proxy is trusted', undefined, '127.0.0.1'],
])('%s', async (_case, trustedProxies, address) => {
  const endpoint: PublicEndpoint = { prefixes: ['/'], handle: async (request, response) => void response.end(addressOf(request)) };
  const at = { host: '127.0.0.1', port: 0, ...(trustedProxies !== undefined && { trustedProxies }) };
  const listener = new PublicListener(
    [endpoint],
    at,
    async () => [],
    () => undefined,
  );
  const port = await listener.listen();
  stop.push(() => listener.close());
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-forwarded-for': '198.51.100.9, 192.0.2.1' } });
  expect(await answer.text()).toBe(address);
});
