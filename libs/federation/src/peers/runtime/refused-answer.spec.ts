import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutboundGuard } from '@app/http';
import { FixedKey } from '../../../testing/fixed-key.js';
import { Boot } from './boot.provider.js';
import { type EnvelopeKey, signAnswer } from './envelope.js';
import { LinkClient, type LinkTarget } from './link-client.provider.js';
import { LinkTiming } from './link-timing.js';
import { OwnRequests } from './own-requests.provider.js';

const KEY: EnvelopeKey = { key_id: '5c1e-0b77-a9d2-43f0', secret: 'correct horse battery staple' };
const MINUTE = 60_000;
const timing = new LinkTiming();
const own = new OwnRequests();
const identity = { instance_id: 'inst-a', incarnation: 'test' };
const client = new LinkClient(
  new OutboundGuard({ allowCidrs: [], allowLoopbackHttp: true }),
  identity,
  new Boot(timing),
  timing,
  own,
  new FixedKey(),
);

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(() => client.onModuleDestroy());

const served = async (answer: RequestListener): Promise<LinkTarget> => {
  const server = createServer((request, response) => void request.resume().on('end', () => answer(request, response)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, remote_peer_id: 'inst-b', key: KEY };
};

const ahead = (ms: number): string => new Date(Date.now() + ms).toISOString();
const clock = (aheadMs: number) => ({ cause: 'clock', sent_at: ahead(aheadMs), signed_for: null, accepted: null, ended_at: null });
const address = (signed_for: string) => ({ cause: 'address', sent_at: ahead(0), signed_for, accepted: 'b.example', ended_at: null });
const HELLO = { boot_id: 'b', sent_at: ahead(0), protocol_min: 1, protocol_max: 1, challenge: 'c', your_status: 'pending' };

type Answer = { readonly said: object; readonly status?: number; readonly how?: Partial<Parameters<typeof signAnswer>[0]> };
const answering = (request: IncomingMessage, response: ServerResponse, { said, status = 401, how = {} }: Answer): void => {
  const body = Buffer.from(JSON.stringify(said));
  const nonce = String(request.headers['x-cb-nonce']);
  response.writeHead(status, signAnswer({ ...KEY, from: 'inst-b', to: 'inst-a', nonce, status, body, ...how })).end(body);
};
const refusing =
  (said: object, how: Answer['how'] = {}): RequestListener =>
  (request, response) =>
    answering(request, response, { said, how });

it.each([
  ['behind', -10 * MINUTE, /the clock there is 10 min behind ours, and signatures hold for 5 min\.$/],
  ['ahead of', 3 * 60 * MINUTE, /the clock there is 3 h ahead of ours/],
])('names the clock there as %s ours when a signed refusal says so and it is so', async (_how, aheadMs, detail) => {
  const b = await served(refusing(clock(aheadMs)));
  expect(await client.hello(b)).toMatchObject({ reason: 'clock_skew', detail: expect.stringMatching(detail) });
});

it('names the address it asked by and the one expected when a signed refusal says so', async () => {
  const b = await served((request, response) => answering(request, response, { said: address(String(request.headers.host)) }));
  const { host } = new URL(b.url);
  expect(await client.hello(b)).toMatchObject({
    reason: 'address_mismatch',
    detail: `${host} refuses this instance since it is asked by another address than its own: it was asked as ${host}, and is b.example.`,
  });
});

it.each<[string, RequestListener]>([
  ['not signed', (_request, response) => void response.writeHead(401).end(JSON.stringify(clock(-10 * MINUTE)))],
  ['signed with another secret', refusing(clock(-10 * MINUTE), { secret: 'another secret altogether' })],
  ['signed for another question: recorded, and sent again', refusing(clock(-10 * MINUTE), { nonce: 'A'.repeat(24) })],
  ['signed as another status', refusing(clock(-10 * MINUTE), { status: 200 })],
  ['signed by another instance', refusing(clock(-10 * MINUTE), { from: 'inst-c' })],
  ['about clocks that agree', refusing(clock(0))],
  ['about clocks that are more than a day apart', refusing(clock(25 * 60 * MINUTE))],
  ['about an address that was not asked', refusing(address('elsewhere.example'))],
  ['of a cause that is not known', refusing({ ...clock(-10 * MINUTE), cause: 'mood' })],
])('names no cause by a refusal that is %s', async (_what, answer) => {
  const outcome = await client.hello(await served(answer));
  expect(outcome).toMatchObject({
    reason: 'auth_rejected',
    detail: expect.stringMatching(/refuses this instance \(401\): it does not know it, or holds another secret\.$/),
  });
});

it('says how far the date of an unsigned refusal is off, and names no cause by it', async () => {
  const date = new Date(Date.now() - 10 * MINUTE).toUTCString();
  const b = await served((_request, response) => void response.writeHead(401, { date }).end());
  expect(await client.hello(b)).toMatchObject({
    reason: 'auth_rejected',
    detail: expect.stringMatching(/Its answer is dated 10 min behind the clock of this instance; signatures hold for 5 min\.$/),
  });
});

it('keeps a cause through plain refusals, and forgets it by a good answer', async () => {
  const answers: RequestListener[] = [
    refusing(clock(-10 * MINUTE)),
    (_request, response) => void response.writeHead(401).end(),
    (request, response) => answering(request, response, { said: HELLO, status: 200 }),
    (_request, response) => void response.writeHead(401).end(),
  ];
  const b = await served((request, response) => answers.shift()?.(request, response));
  const reasons: string[] = [];
  for (let i = 0; i < 4; i++) {
    const outcome = await client.hello(b);
    reasons.push(outcome.ok ? 'ok' : outcome.reason);
  }
  expect(reasons).toEqual(['clock_skew', 'clock_skew', 'ok', 'auth_rejected']);
});

it('forgets a cause that is not named again when it could be', async () => {
  const quick = Object.assign(new LinkTiming(), { policy: { ...timing.policy, explainMs: 0, slackMs: 0 } });
  const guard = new OutboundGuard({ allowCidrs: [], allowLoopbackHttp: true });
  const asking = new LinkClient(guard, identity, new Boot(quick), quick, own, new FixedKey());
  const answers: RequestListener[] = [refusing(clock(-10 * MINUTE)), (_request, response) => void response.writeHead(401).end()];
  const b = await served((request, response) => answers.shift()?.(request, response));
  expect(await asking.hello(b)).toMatchObject({ reason: 'clock_skew' });
  expect(await asking.hello(b)).toMatchObject({ reason: 'auth_rejected' });
});

it('calls an address its own only while that very request waits for its answer', async () => {
  const observed: string[] = [];
  const b = await served((request, response) => {
    const nonce = String(request.headers['x-cb-nonce']);
    if (observed.length === 0) own.arrived(nonce);
    else own.arrived(observed[0] ?? ''); // One of before, sent here again.
    observed.push(nonce);
    response.writeHead(401).end();
  });
  expect(await client.hello(b)).toMatchObject({ reason: 'own_address' });
  expect(await client.hello(b)).toMatchObject({ reason: 'auth_rejected' });
});
