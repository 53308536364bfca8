import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { ConnectionBound } from './connection-bound.js';

let server: Server;
let bound: ConnectionBound;
let port: number;
let answers: ServerResponse[];
let clients: Socket[];
let accepted: Socket[];
async function listen(perAddress: number, total = 100, isProxy?: (address: string) => boolean): Promise<void> {
  answers = [];
  clients = [];
  accepted = [];
  server = createServer((request, response) => {
    if (request.headers['x-known'] !== undefined) bound.trust(request.socket);
    if (request.url === '/wait') answers.push(response.writeHead(200));
    if (request.url === '/wait') response.flushHeaders();
    else if (request.method === 'GET') response.end('here');
  });
  server.on('connection', (socket: Socket) => accepted.push(socket));
  bound = new ConnectionBound({ perAddress, total }, isProxy).watch(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
}
afterEach(async () => {
  for (const client of clients) client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

interface Client {
  readonly socket: Socket;
  readonly closed: Promise<'closed'>;
}
async function client(from = '127.0.0.1'): Promise<Client> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  clients.push(socket);
  const closed = new Promise<'closed'>((resolve) => {
    socket.on('error', () => undefined).once('close', () => resolve('closed'));
  });
  const seen = once(server, 'connection');
  await Promise.all([once(socket, 'connect'), seen]);
  return { socket, closed };
}
/** 'closed', or the status of what is answered. */
async function ask({ socket, closed }: Client, path = '/', header = ''): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n`);
  return Promise.race([closed, once(socket, 'data').then(([part]) => String(part).slice(9, 12))]);
}
const KNOWN = 'X-Known: 1\r\n';

it('closes the idle connection of a stranger that is oldest for one more of its address', async () => {
  await listen(3);
  const [oldest, older, newest] = [await client(), await client(), await client()];
  expect(await ask(oldest)).toBe('200'); // From here on it was idle for a shorter time than the others.
  const more = await client();
  expect(await older.closed).toBe('closed');
  expect([await ask(oldest), await ask(newest), await ask(more)]).toEqual(['200', '200', '200']);
});

it('closes every stranger before somebody who is known, and none whose answer is under way', async () => {
  await listen(3);
  const [known, busy, stranger] = [await client(), await client(), await client()];
  expect([await ask(known, '/', KNOWN), await ask(busy, '/wait')]).toEqual(['200', '200']);
  const more = await client();
  expect(await stranger.closed).toBe('closed');
  expect(await ask(more, '/wait')).toBe('200');
  expect(await ask(known)).toBe('200');
  const last = await client(); // Among two answers that are under way and one who is known, it is that one.
  expect(await known.closed).toBe('closed');
  expect(await ask(last, '/wait')).toBe('200');
  const none = await client();
  expect(await none.closed).toBe('closed');
  for (const answer of answers) answer.end();
});

it('closes a stranger whose body does not come before somebody who is known', async () => {
  await listen(2);
  const [known, slow] = [await client(), await client()];
  expect(await ask(known, '/', KNOWN)).toBe('200');
  const asked = once(server, 'request');
  slow.socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1');
  await asked;
  const more = await client();
  expect(await slow.closed).toBe('closed');
  expect([await ask(known), await ask(more)]).toEqual(['200', '200']);
});

it('bounds each address by itself, and all of them together', async () => {
  await listen(2, 3);
  const [one, two] = [await client(), await client()];
  const other = await client('127.0.0.2');
  expect([await ask(one), await ask(two), await ask(other)]).toEqual(['200', '200', '200']);
  const past = await client('127.0.0.3');
  expect(await past.closed).toBe('closed');
  expect([await ask(one), await ask(two), await ask(other)]).toEqual(['200', '200', '200']);
});

it('has the place of one that left or was taken over again', async () => {
  await listen(2, 2);
  const [one, two] = [await client(), await client()];
  const [first, second] = accepted as [Socket, Socket];
  expect([await ask(one, '/wait'), await ask(two, '/wait')]).toEqual(['200', '200']);
  expect(await (await client()).closed).toBe('closed');
  bound.release(first);
  expect(await ask(await client(), '/wait')).toBe('200');
  const left = once(second, 'close');
  two.socket.destroy();
  await left;
  expect(await ask(await client())).toBe('200');
});

it('counts the connections of a trusted proxy in the total only', async () => {
  await listen(2, 4, (address) => address === '127.0.0.2');
  const ofProxy = [await client('127.0.0.2'), await client('127.0.0.2'), await client('127.0.0.2')];
  const other = await client();
  for (const one of [...ofProxy, other]) expect(await ask(one)).toBe('200');
  expect(await (await client('127.0.0.2')).closed).toBe('closed');
});
