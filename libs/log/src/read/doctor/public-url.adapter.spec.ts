import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { askReadyz } from './public-url.adapter.js';

let server: Server;
let answer: RequestListener;
let url: string;
beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('asks /readyz and answers its status and its JSON', async () => {
  answer = ({ url: path }, response) => response.writeHead(503).end(JSON.stringify({ path }));
  expect(await askReadyz(url)).toEqual({ url, status: 503, body: { path: '/readyz' } });
});

it('follows no redirect', async () => {
  const asked: (string | undefined)[] = [];
  answer = ({ url: path }, response) => {
    asked.push(path);
    response.writeHead(302, { location: '/elsewhere' }).end();
  };
  expect(await askReadyz(url)).toEqual({ url, status: 302, body: undefined });
  expect(asked).toEqual(['/readyz']);
});

it('reads no more than the beginning of an endless answer', async () => {
  const ended = Promise.withResolvers<void>();
  answer = (_request, response) => {
    const more = (): void => void (response.destroyed || response.write('x'.repeat(8_192), more));
    response.once('close', () => ended.resolve());
    more();
  };
  expect(await askReadyz(url)).toEqual({ url, status: 200, body: undefined });
  await ended.promise;
});

it('answers why it could not ask', async () => {
  answer = ({ socket }) => socket.destroy();
  expect(await askReadyz(url)).toEqual({ url, failed: expect.stringMatching(/\w/) });
});
