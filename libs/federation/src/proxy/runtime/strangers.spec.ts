import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestProxy, openProxy } from '../../../testing/proxy-instance.js';
import { UNPROVEN_BYTES_OF_ONE } from '../../peers/runtime/body-budget.js';
import { signRequest } from '../../peers/runtime/envelope.js';
import { BODY_BYTES } from './answer-fault.adapter.js';

/** Real connections of somebody who holds no secret, and says to be whom he likes. */
let proxy: TestProxy;
const sockets: Socket[] = [];
beforeEach(async () => {
  proxy = await openProxy('http://127.0.0.1:9/');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.close();
});

const PATH = '/federation/v1/a2a/travel/i/0123456789ab';
const LENGTH = { 'content-length': String(BODY_BYTES) };
const claiming = (from: string, now = new Date()): Record<string, string> => {
  const { host: authority } = new URL(proxy.there.url);
  const parties = { from, to: 'inst-there', key_id: 'k', secret: 'a guess' };
  return signRequest({ ...parties, method: 'POST', authority, path: PATH, body: Buffer.alloc(0), now });
};

/** The head of a request, and of its body nothing yet. */
function begin(headers: Record<string, string>): Socket {
  const { hostname, port } = new URL(proxy.there.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  const lines = Object.entries({ host: 'there', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST ${PATH} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return socket;
}
const answered = async (socket: Socket): Promise<string> => String((await once(socket, 'data')) as unknown as [Buffer]);
const minusDate = (answer: string): string => answer.replace(/^date: .*$/im, '');

it('who cannot have signed is refused before a byte of the body is here, the same whoever he says he is', async () => {
  const old = new Date(Date.now() - 302_000);
  const { 'x-cb-nonce': _nonce, ...incomplete } = claiming('inst-here');
  const attempts = [{}, incomplete, claiming('inst-here', old), claiming('inst-nobody', old)];
  const answers = await Promise.all(attempts.map((headers) => answered(begin({ ...headers, ...LENGTH }))));
  expect(answers[0]).toMatch(/^HTTP\/1.1 401 [^]*"code":"federation.not-a-peer"/);
  for (const answer of answers) expect(minusDate(answer)).toBe(minusDate(answers[0] ?? ''));
});

it('many from one address who send almost all of a body hold no more than its part, and are told when to come again', async () => {
  const most = Buffer.alloc(BODY_BYTES - 1, ' ');
  const refused = Promise.withResolvers<Socket>();
  for (let i = 0; i <= UNPROVEN_BYTES_OF_ONE / BODY_BYTES; i++) {
    const socket = begin({ ...claiming('inst-here'), ...LENGTH });
    socket.on('error', () => undefined); // Who is refused is cut off while he sends.
    socket.once('readable', () => refused.resolve(socket));
    socket.write(most);
  }
  const answer = await text(await refused.promise); // To its end: the connection is closed.
  expect(answer).toMatch(/^HTTP\/1.1 503 /);
  expect(answer).toMatch(/^retry-after: 1\r$/im);
  expect(answer).toMatch(/^connection: close\r$/im);
  expect(answer).toContain('"code":"federation.not-ready"');
});

it('who sends a body in the smallest parts holds no more than its bytes', async () => {
  const chunked = { 'transfer-encoding': 'chunked' };
  const stranger = begin({ ...claiming('inst-here'), ...chunked });
  stranger.write('1\r\n \r\n'.repeat(200_000));
  stranger.write('0\r\n\r\n');
  expect(await answered(stranger)).toMatch(/^HTTP\/1.1 401 /); // It was read, and had room.
});
