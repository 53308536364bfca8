import type { LogAcceptance } from '@app/event-store';
import type { PublicAlias } from '@app/http';
import type { Instant } from '@app/kernel';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Logger } from '@nestjs/common';
import { MemoryLog } from '@app/event-store/testing';
import { stored } from '@app/kernel/testing';
import { registered, suspended, verified } from '../../../testing/index.js';
import { type CachedPeer, cachedPeer } from './cached-peer.js';
import type { PeerCache } from './peer-cache.provider.js';
import { signRequest } from './envelope.js';
import { UNPROVEN_BYTES, UNPROVEN_BYTES_OF_ONE } from './body-budget.js';
import { RequestAuthenticator } from './request-authenticator.provider.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';
import { LinkTiming } from './link-timing.js';
import { OwnRequests } from './own-requests.provider.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import { RefusalExplainer } from './refusal-explainer.provider.js';

beforeAll(() => Logger.overrideLogger(false)); // It tells of what is tested here.

const SECRET = 'correct horse battery staple';
const body = Buffer.from('{}');
const folded = (...facts: Parameters<typeof stored>[0][]): CachedPeer =>
  facts.reduce<CachedPeer | null>((peer, fact, i) => cachedPeer.next(peer, stored(fact, i + 1)), null) as CachedPeer;

/** Lisbon is the peer; what is not given is as it should be. */
function authenticatorOf({
  acceptedAt = null as Instant | null,
  peer = folded(registered, verified),
  isCaughtUp = true,
  aliases = [] as readonly PublicAlias[],
  secret = async (): Promise<string | null> => SECRET,
} = {}) {
  const log = new MemoryLog();
  const peers = {
    isCaughtUp,
    all: () => [peer],
    byRemoteId: (id: string) => (id === peer.remote_peer_id ? peer : undefined),
    secretOf: secret,
  };
  const timing = new LinkTiming();
  const rejected = new RejectedHandshakes(timing);
  const proven = new ProvenRefusals(timing);
  const identity = { instance_id: 'inst-us', incarnation: 'test' };
  const readiness: LogAcceptance = { isOpen: () => true, acceptedAt: () => acceptedAt };
  const options = { publicUrl: 'https://us.example', aliases };
  const known = peers as unknown as PeerCache;
  const explainer = new RefusalExplainer(known, proven, new OwnRequests(), timing, options);
  const authenticator = new RequestAuthenticator(known, log.nonces, identity, rejected, readiness, options, proven, explainer, timing);
  return { authenticator, log, nonces: log.keys, rejectedHandshakes: rejected };
}
const request = (how: Partial<Parameters<typeof signRequest>[0]> = {}): IncomingMessage => {
  const said = { method: 'POST', path: '/federation/v1/a2a/cook/i/0' };
  const signing = {
    key_id: 'key',
    secret: SECRET,
    from: 'inst-7f3q',
    to: 'inst-us',
    authority: 'us.example',
    body,
    now: new Date(),
    ...said,
  };
  return { method: said.method, url: said.path, headers: signRequest({ ...signing, ...how }) } as unknown as IncomingMessage;
};

it('lets nothing in that was signed until 300 s after the log was accepted as it is', async () => {
  const now = Date.now();
  const acceptedAt = new Date(now - 10_000).toISOString() as Instant;
  const { authenticator, nonces } = authenticatorOf({ acceptedAt });
  for (const offsetMs of [-60_000, 0, 280_000])
    expect(await authenticator.admit(request({ now: new Date(now + offsetMs) }), body)).toEqual({ status: 503, reason: 'log-accepted' });
  expect(await authenticator.admit(request({ now: new Date(now + 295_000) }), body)).toMatchObject({ from: 'inst-7f3q' });
  expect(nonces.size).toBe(1);
});

it('lets an active peer in, with what its answer is signed for', async () => {
  const { authenticator, nonces } = authenticatorOf();
  const asked = request({ call: 'call-1', caller: 'c-1', via: ['inst-z'] });
  expect(await authenticator.admit(asked, body)).toEqual({
    peer: expect.objectContaining({ peer_id: 'peer-lisbon' }),
    key: { key_id: registered.data.secret_fingerprint, secret: SECRET },
    key_id: registered.data.secret_fingerprint,
    from: 'inst-7f3q',
    nonce: asked.headers['x-cb-nonce'],
    call: 'call-1',
    caller: 'c-1',
    via: ['inst-z', 'inst-7f3q'],
  });
  expect([...nonces]).toEqual([`inst-7f3q.${String(asked.headers['x-cb-nonce'])}`]);
});

it.each([
  ['pending', folded(registered)],
  ['suspended', folded(registered, verified, suspended)],
] as const)('lets a %s peer in only where that is asked for', async (lifecycle, peer) => {
  const { authenticator, nonces } = authenticatorOf({ peer });
  const signed = expect.objectContaining({ peer, body, from: 'inst-7f3q' });
  expect(await authenticator.admit(request(), body)).toEqual({ status: 401, reason: 'peer-not-active', signed });
  expect(nonces.size).toBe(0);
  expect(await authenticator.admit(request(), body, { lifecycles: [lifecycle] })).toMatchObject({ peer: { lifecycle } });
});

it.each([
  ['nobody we know', request({ from: 'inst-c' }), 'peer-unknown'],
  ['another secret', request({ secret: 'another secret altogether' }), 'signature'],
  ['301 s', request({ now: new Date(Date.now() - 301_000) }), 'timestamp'],
  ['a request to another place', request({ authority: 'evil.example' }), 'signature'],
  ['nothing signed', { headers: {} } as IncomingMessage, 'peer-unknown'],
])('refuses %s', async (_what, asked, reason) => {
  const { authenticator, nonces } = authenticatorOf();
  expect([await authenticator.admit(asked, body), nonces.size]).toEqual([{ status: 401, reason }, 0]);
});

it('goes by PUBLIC_URL, not by what the request says of where it is', async () => {
  const { authenticator } = authenticatorOf();
  const proxied = request({ authority: 'evil.example' });
  proxied.headers['host'] = 'evil.example';
  expect(await authenticator.admit(proxied, body)).toEqual({ status: 401, reason: 'signature' });
});

it('refuses a replay', async () => {
  const { authenticator } = authenticatorOf();
  const asked = request();
  await authenticator.admit(asked, body);
  expect(await authenticator.admit(asked, body)).toEqual({ status: 401, reason: 'replay' });
});

it('remembers who was refused with which key, for people', async () => {
  const { authenticator, rejectedHandshakes } = authenticatorOf();
  await authenticator.admit(request({ secret: 'another secret altogether', key_id: 'other' }), body);
  expect(rejectedHandshakes.of('inst-7f3q')).toMatchObject({ key_id: 'other', denied: 'signature' });
});

it.each([
  ['the facts are not all known yet', { isCaughtUp: false }, 'not-ready'],
  ['the secret cannot be read', { secret: () => Promise.reject(new Error('the database does not answer')) }, 'secrets-silent'],
])('says that it cannot tell when %s', async (_what, fixture, reason) => {
  expect(await authenticatorOf(fixture).authenticator.admit(request(), body)).toEqual({ status: 503, reason });
});

it('says that it cannot tell when the log is silent', async () => {
  const { authenticator, log } = authenticatorOf();
  log.isDown = true;
  expect(await authenticator.admit(request(), body)).toEqual({ status: 503, reason: 'log-silent' });
});

it('refuses a peer whose secret is lost like any other', async () => {
  expect(await authenticatorOf({ secret: async () => null }).authenticator.admit(request(), body)).toEqual({
    status: 401,
    reason: 'signature',
  });
});

it('tells who listens of whom it let in, and of nobody else, until they stop', async () => {
  const { authenticator } = authenticatorOf();
  const heard: string[] = [];
  const end = authenticator.onAdmitted(({ peer_id }) => heard.push(peer_id));
  await authenticator.admit(request(), body);
  await authenticator.admit(request({ secret: 'another secret altogether' }), body);
  end();
  await authenticator.admit(request(), body);
  expect(heard).toEqual(['peer-lisbon']);
});

describe('a body', () => {
  /** The request as it comes in, and how its body goes on. */
  const coming = (how: Parameters<typeof request>[0] = {}) => {
    const stream = new PassThrough();
    const socket = { remoteAddress: '192.0.2.1' };
    return { stream, asked: Object.assign(stream, request(how), { socket }) as unknown as IncomingMessage };
  };
  const isWhole = (authenticator: RequestAuthenticator): boolean => {
    const share = authenticator.unproven.share();
    const took = share.take(UNPROVEN_BYTES);
    share.release();
    return took;
  };

  it.each([
    ['nothing signed', { headers: {} }, { status: 401, reason: 'not-signed' }],
    ['nonsense', { headers: { 'x-cb-signature': 'x' } }, { status: 401, reason: 'malformed' }],
    ['301 s', request({ now: new Date(Date.now() - 301_000) }), { status: 401, reason: 'timestamp' }],
    ['301 s, of nobody', request({ from: 'inst-c', now: new Date(Date.now() - 301_000) }), { status: 401, reason: 'timestamp' }],
  ])('of %s is not read', async (_what, asked, refused) => {
    const { stream } = coming();
    expect(await authenticatorOf().authenticator.receive(Object.assign(stream, asked) as unknown as IncomingMessage, 10)).toEqual(refused);
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('is not read before we know who our peers are', async () => {
    const { stream, asked } = coming();
    expect(await authenticatorOf({ isCaughtUp: false }).authenticator.receive(asked, 10)).toEqual({ status: 503, reason: 'not-ready' });
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('that comes too late tells an operator so, though it was not read', async () => {
    const { authenticator, rejectedHandshakes: rejected } = authenticatorOf();
    await authenticator.receive(coming({ now: new Date(Date.now() - 301_000) }).asked, 10);
    expect(rejected.of('inst-7f3q')).toMatchObject({ denied: 'timestamp' });
  });

  it.each([
    ['is proven', (stream: PassThrough) => stream.end(body), expect.objectContaining({ body, from: 'inst-7f3q' })],
    ['proves nothing', (stream: PassThrough) => stream.end('[]'), { status: 401, reason: 'signature' }],
    ['is too long', (stream: PassThrough) => stream.write('x'.repeat(11)), 'too-long'],
    ['is torn', (stream: PassThrough) => stream.destroy(), 'cut'],
  ])('counts until it %s', async (_what, goOn, outcome) => {
    const { authenticator } = authenticatorOf();
    const { stream, asked } = coming();
    const received = authenticator.receive(asked, 10);
    stream.write('');
    goOn(stream);
    expect(await received).toEqual(outcome);
    expect(isWhole(authenticator)).toBe(true);
  });

  it('counts while its signature is checked', async () => {
    const secret = Promise.withResolvers<string>();
    const isAsked = Promise.withResolvers<void>();
    const { authenticator } = authenticatorOf({ secret: () => (isAsked.resolve(), secret.promise) });
    const { stream, asked } = coming();
    const received = authenticator.receive(asked, 10);
    stream.end(body);
    await isAsked.promise;
    expect(isWhole(authenticator)).toBe(false);
    secret.resolve(SECRET);
    expect(await received).toMatchObject({ body });
    expect(isWhole(authenticator)).toBe(true);
  });

  it.each([
    ['everybody', (authenticator: RequestAuthenticator) => authenticator.unproven.share().take(UNPROVEN_BYTES), false],
    [
      'its own address',
      (authenticator: RequestAuthenticator) => authenticator.unproven.share('192.0.2.1').take(UNPROVEN_BYTES_OF_ONE),
      false,
    ],
    [
      'another address',
      (authenticator: RequestAuthenticator) => authenticator.unproven.share('192.0.2.2').take(UNPROVEN_BYTES_OF_ONE),
      true,
    ],
  ])('that finds no room is refused: %s has taken it', async (_who, take, hasCapacity) => {
    const { authenticator } = authenticatorOf();
    expect(take(authenticator)).toBe(true);
    const { stream, asked } = coming();
    const received = authenticator.receive(asked, 10);
    stream.end(body);
    expect(await received).toEqual(hasCapacity ? expect.objectContaining({ body }) : { status: 503, reason: 'no-room' });
  });
});
