import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo, type Server as NetServer, createServer as createNetServer } from 'node:net';
import { OutboundGuard } from '@app/http';
import { makeKeyPair } from '@app/config';
import { FixedKey } from '../../../testing/fixed-key.js';
import { type ProofOf, type SaidKey, saidKey } from './key-proof.adapter.js';
import { Boot } from './boot.provider.js';
import { type EnvelopeKey, signAnswer, verifyRequest } from './envelope.js';
import { LinkClient, type LinkTarget } from './link-client.provider.js';
import { LinkTiming } from './link-timing.js';
import { OwnRequests } from './own-requests.provider.js';
import { POLICY } from './policy.js';

const KEY: EnvelopeKey = { key_id: '5c1e-0b77-a9d2-43f0', secret: 'correct horse battery staple' };
const timing = Object.assign(new LinkTiming(), { policy: { ...POLICY, connectTimeoutMs: 200, totalTimeoutMs: 400 } });
const identity = { instance_id: 'inst-a', incarnation: 'test' };
const clientOf = (allowLoopbackHttp = true): LinkClient =>
  new LinkClient(
    new OutboundGuard({ allowCidrs: [], allowLoopbackHttp }),
    identity,
    new Boot(timing),
    timing,
    new OwnRequests(),
    new FixedKey(),
  );
const client = clientOf();

const servers: (Server | NetServer)[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(() => client.onModuleDestroy());

const listening = async (server: Server | NetServer): Promise<number> => {
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
};
const target = (port: number, more: Partial<LinkTarget> = {}): LinkTarget => ({
  url: `http://127.0.0.1:${port}`,
  remote_peer_id: 'inst-b',
  key: KEY,
  ...more,
});
const served = async (answer: RequestListener): Promise<LinkTarget> => target(await listening(createServer(answer)));

const own = { boot_id: 'boot-b', sent_at: '2026-02-01T12:00:00.000Z', protocol_min: 1, protocol_max: 1 };
const HELLO = { ...own, challenge: 'a challenge', your_status: 'pending' };
/** As the other side would, but for what is changed. */
function sayAs(said: object, how: Partial<Parameters<typeof signAnswer>[0]> = {}) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const body = Buffer.from(JSON.stringify(said));
    const nonce = String(request.headers['x-cb-nonce']);
    response.writeHead(200, signAnswer({ ...KEY, from: 'inst-b', to: 'inst-a', nonce, status: 200, body, ...how })).end(body);
  };
}

it('asks what is signed for that place, and believes what is signed for that question', async () => {
  let asked: unknown;
  const b = await served((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { headers, method = '', url: path = '' } = request;
      const body = Buffer.concat(parts);
      asked = {
        verified: verifyRequest({
          keys: [KEY],
          me: 'inst-b',
          headers,
          method,
          path,
          authority: new URL(b.url).host,
          body,
          now: new Date(),
        }),
        path,
        said: JSON.parse(body.toString()),
      };
      sayAs(HELLO)(request, response);
    });
  });
  const outcome = await client.hello(b);
  expect(asked).toMatchObject({
    verified: { from: 'inst-a', key_id: KEY.key_id },
    path: '/federation/v1/hello',
    said: { step: 'hello', challenge: null, protocol_min: 1, protocol_max: 1, boot_id: expect.any(String) },
  });
  expect(outcome).toMatchObject({ ok: true, answer: HELLO, rttMs: expect.any(Number) });
});

it('asks below the path of a base URL', async () => {
  let path: string | undefined;
  const b = await served((request, response) => ((path = request.url), sayAs(HELLO)(request, response)));
  await client.hello({ ...b, url: `${b.url}/cb` });
  expect(path).toBe('/cb/federation/v1/hello');
});

it('measures by how much the clock there is ahead', async () => {
  const b = await served((request, response) =>
    sayAs({ ...HELLO, sent_at: new Date(Date.now() + 90_000).toISOString() })(request, response),
  );
  const outcome = await client.hello(b);
  expect(outcome.ok && Math.round(outcome.aheadMs / 1000)).toBe(90);
});

it('passes over what a newer side says beyond', async () => {
  expect(await client.hello(await served(sayAs({ ...HELLO, mood: 'fine' })))).toMatchObject({ ok: true });
});

const plainly =
  (status: number, headers: Record<string, string> = {}, body = '') =>
  (_request: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);

it.each<[string, RequestListener, string, RegExp]>([
  ['401', plainly(401), 'auth_rejected', /refuses this instance \(401\): it does not know it, or holds another secret\.$/],
  ['403', plainly(403), 'auth_rejected', /refuses this instance \(403\)/],
  ['a redirect', plainly(302, { location: 'http://169.254.169.254/' }), 'error_rate', /redirects are not followed\.$/],
  ['404', plainly(404), 'error_rate', /not as an instance does \(404\)/],
  ['502 of a proxy', plainly(502), 'error_rate', /cannot answer now \(502\)/],
  ['a page', plainly(200, {}, '<html>'), 'signature_invalid', /not signed as inst-b would sign it\.$/],
  ['another secret', sayAs(HELLO, { secret: 'another secret altogether' }), 'signature_invalid', /not signed/],
  ['for another question', sayAs(HELLO, { nonce: 'A'.repeat(24) }), 'signature_invalid', /not signed/],
  ['as another instance', sayAs(HELLO, { from: 'inst-c' }), 'signature_invalid', /not signed as inst-b/],
  ['another version', sayAs({ ...HELLO, protocol_min: 2, protocol_max: 9 }), 'protocol_mismatch', /no version of the protocol/],
  ['what is no hello', sayAs({ ok: true }), 'protocol_mismatch', /no version of the protocol/],
  ['more than 64 KiB', plainly(200, {}, 'x'.repeat(70_000)), 'error_rate', /broke the connection\.$/],
  ['nothing', () => undefined, 'heartbeat_timeout', /did not answer in time\.$/],
  [
    'half an answer',
    (_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('half'),
    'heartbeat_timeout',
    /in time\.$/,
  ],
  ['an end', (request) => void request.socket.destroy(), 'error_rate', /broke the connection\.$/],
])('does not believe %s', async (_what, answer, reason, detail) => {
  expect(await client.hello(await served(answer))).toEqual({
    ok: false,
    reason,
    detail: expect.stringMatching(detail),
    retryAfterMs: null,
  });
});

it.each([
  ['429', 429, 'rate_limited', 7_000],
  ['503', 503, 'error_rate', 7_000],
])('hands on how long to wait: %s', async (_what, status, reason, ms) => {
  expect(await client.hello(await served(plainly(status, { 'retry-after': '7' })))).toMatchObject({ reason, retryAfterMs: ms });
});

it('says when nobody is there', async () => {
  const port = await listening(createNetServer());
  await new Promise((resolve) => servers.pop()?.close(resolve));
  expect(await client.hello(target(port))).toMatchObject({ reason: 'connect_refused', detail: `127.0.0.1:${port} refuses connections.` });
});

it('says when a name does not resolve', async () => {
  const outcome = await client.hello(target(1, { url: 'https://nowhere.invalid' }));
  expect(outcome).toMatchObject({ ok: false, reason: 'dns_failure' });
});

it('says when what answers speaks no TLS', async () => {
  const port = await listening(createNetServer((socket) => void socket.resume().end('HTTP/1.1 200 OK\r\n\r\n')));
  expect(await client.hello(target(port, { url: `https://localhost:${port}` }))).toMatchObject({ ok: false, reason: 'tls_failure' });
});

it('goes nowhere it may not go', async () => {
  const shut = clientOf(false);
  for (const url of ['http://127.0.0.1:1', 'https://10.0.0.1', 'http://example.com', 'https://user:word@example.com', 'nonsense'])
    expect(await shut.hello(target(1, { url }))).toMatchObject({ ok: false, reason: 'url_denied' });
});

it('has no secret in what it says', async () => {
  for (const answer of [plainly(401), plainly(200, {}, '<html>')])
    expect(JSON.stringify(await client.hello(await served(answer)))).not.toContain(KEY.secret);
});

it('gives up what it asks when it ends', async () => {
  const ending = clientOf();
  const { promise, resolve } = Promise.withResolvers<void>();
  const b = await served(() => resolve());
  const asked = ending.hello(b);
  await promise;
  ending.onModuleDestroy();
  expect(await asked).toMatchObject({ ok: false });
});

it('gives up one question when whoever asked says so', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const b = await served(() => resolve());
  const given = new AbortController();
  const asked = client.hello(b, given.signal);
  await promise;
  given.abort();
  expect(await asked).toMatchObject({ ok: false, reason: 'error_rate' });
});

describe('the instance key of whoever answers', () => {
  const theirs = makeKeyPair();
  const keyOf = (outcome: Awaited<ReturnType<LinkClient['hello']>>) => (outcome.ok ? outcome.key.kind : outcome.reason);
  /** Answers with a key, and a signature made of what came. */
  const showing = (say: (asked: SaidKey, nonce: string) => SaidKey) =>
    served((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const asked = JSON.parse(Buffer.concat(parts).toString()) as SaidKey;
        sayAs({ ...HELLO, ...say(asked, String(request.headers['x-cb-nonce'])) })(request, response);
      });
    });
  const answerOf = (nonce: string, more: Partial<ProofOf> = {}): ProofOf => ({
    from: 'inst-b',
    to: 'inst-a',
    nonce,
    kind: 'answer',
    ...more,
  });
  const signing = new LinkClient(
    ...([new OutboundGuard({ allowCidrs: [], allowLoopbackHttp: true }), identity, new Boot(timing), timing, new OwnRequests()] as const),
    new FixedKey(makeKeyPair()),
  );
  afterAll(() => signing.onModuleDestroy());

  it('is proven by a signature for this very question', async () => {
    expect(keyOf(await signing.hello(await showing((_asked, nonce) => saidKey(new FixedKey(theirs), answerOf(nonce)))))).toBe('proven');
  });

  it('is not proven by our own key and signature, sent back', async () => {
    const reflected = await showing(({ instance_key, key_signature }) => ({ instance_key, key_signature }));
    expect(keyOf(await signing.hello(reflected))).toBe('unproven');
  });

  it.each<[string, Partial<ProofOf>]>([
    ['another question', { nonce: 'another-nonce' }],
    ['a question of its own', { kind: 'ask' }],
    ['another instance', { to: 'inst-c' }],
  ])('is not proven by a signature for %s', async (_what, more) => {
    const replayed = await showing((_asked, nonce) => saidKey(new FixedKey(theirs), answerOf(nonce, more)));
    expect(keyOf(await signing.hello(replayed))).toBe('unproven');
  });

  it('is none of an instance that says nothing of it', async () => {
    expect(keyOf(await signing.hello(await showing(() => ({}))))).toBe('none');
  });
});
