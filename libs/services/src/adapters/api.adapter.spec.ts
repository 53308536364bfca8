import { withSentences } from '../../testing/status-history.js';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiProbe } from './api.adapter.js';

let server: Server;
let url: string;
let answer: { status: number; body: string; type?: string };
let paths: string[];
beforeEach(async () => {
  paths = [];
  server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' }).end(answer.body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((closed) => server.close(closed)));

const look = () => new ApiProbe(url).look(AbortSignal.timeout(10_000));
const says = (status: number, body: object | string, type?: string): void => {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body), ...(type === undefined ? {} : { type }) };
};

it('reads how late its event loop is', async () => {
  says(200, { status: 'ready', failing: [], event_loop_ms: 7 });
  expect(await look()).toMatchObject({
    ok: true,
    latencyMs: expect.any(Number),
    findings: [],
    measured: [{ gauge: 'event_loop_ms', value: 7 }],
  });
  expect(paths).toEqual(['/readyz']);
});

it('finds it not ready for the trouble of others', async () => {
  says(503, { status: 'not_ready', failing: ['nats', 'postgresql'], event_loop_ms: 7 });
  const sentence = 'The API answers, but is not ready: it waits for nats and postgresql.';
  expect(withSentences(await look())).toEqual([{ colour: 'amber', reason: 'dependency_down', sentence }]);
  says(503, { status: 'starting', event_loop_ms: 7 });
  expect(await look()).toMatchObject({ ok: true, findings: [{ colour: 'amber', reason: 'starting' }] });
});

it.each([
  ['an error', 500, { status: 'ready', event_loop_ms: 7 }],
  ['a page', 200, '<!doctype html>'],
  ['another JSON', 200, { ok: true }],
  ['half a JSON', 200, '{"status":'],
])('takes %s for a failure', async (_name, status, body) => {
  says(status, body);
  expect(await look()).toEqual({ ok: false, reason: 'error_rate', detail: `${url}/readyz answered ${status}.` });
});

it('says when nobody listens', async () => {
  await new Promise((closed) => server.close(closed));
  expect(await look()).toEqual({ ok: false, reason: 'connect_refused', detail: `${url} refuses connections.` });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});
