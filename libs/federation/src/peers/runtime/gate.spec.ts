import type { LogStanding } from '@app/event-store';
import type { PublicAlias } from '@app/http';
import type { Instant } from '@app/kernel';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Logger } from '@nestjs/common';
import { MemoryLog } from '@app/event-store/testing';
import { stored } from '@app/kernel/testing';
import { registered, suspended, verified } from '../../../testing/index.js';
import { type BookedPeer, bookedPeer } from './booked-peer.js';
import type { PeerBook } from './peer-book.provider.js';
import { signRequest } from './envelope.js';
import { UNPROVEN_BYTES, UNPROVEN_BYTES_OF_ONE } from './body-budget.js';
import { PeerGate } from './gate.provider.js';
import { Knocks } from './knocks.provider.js';
import { LinkTiming } from './link-timing.js';
import { OwnRequests } from './own-requests.provider.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import { RefusalExplainer } from './refusal-explainer.provider.js';

beforeAll(() => Logger.overrideLogger(false)); // It tells of what is tested here.

const SECRET = 'correct horse battery staple';
const body = Buffer.from('{}');
const folded = (...facts: Parameters<typeof stored>[0][]): BookedPeer =>
  facts.reduce<BookedPeer | null>((peer, fact, i) => bookedPeer.next(peer, stored(fact, i + 1)), null) as BookedPeer;

/** Lisbon is the peer; what is not given is as it should be. */
function gateOf({
  acceptedAt = null as Instant | null,
  peer = folded(registered, verified),
  isCaughtUp = true,
  aliases = [] as readonly PublicAlias[],
  secret = async (): Promise<string | null> => SECRET,
} = {}) {
  const log = new MemoryLog();
  const book = {
    isCaughtUp,
    all: () => [peer],
    byRemoteId: (id: string) => (id === peer.remote_peer_id ? peer : undefined),
    secretOf: secret,
  };
  const timing = new LinkTiming();
  const knocks = new Knocks(timing);
  const proven = new ProvenRefusals(timing);
  const identity = { instance_id: 'inst-us', incarnation: 'test' };
  const standing: LogStanding = { isOpen: () => true, acceptedAt: () => acceptedAt };
  const options = { publicUrl: 'https://us.example', aliases };
  const known = book as unknown as PeerBook;
  const explainer = new RefusalExplainer(known, proven, new OwnRequests(), timing, options);
  const gate = new PeerGate(known, log.once, identity, knocks, standing, options, proven, explainer, timing);
  return { gate, log, nonces: log.keys, knocks };
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
  const { gate, nonces } = gateOf({ acceptedAt });
  for (const offsetMs of [-60_000, 0, 280_000])
    expect(await gate.admit(request({ now: new Date(now + offsetMs) }), body)).toEqual({ status: 503, reason: 'log-accepted' });
  expect(await gate.admit(request({ now: new Date(now + 295_000) }), body)).toMatchObject({ from: 'inst-7f3q' });
  expect(nonces.size).toBe(1);
});

it('lets an active peer in, with what its answer is signed for', async () => {
  const { gate, nonces } = gateOf();
  const asked = request({ call: 'call-1', caller: 'c-1', via: ['inst-z'] });
  expect(await gate.admit(asked, body)).toEqual({
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
  const { gate, nonces } = gateOf({ peer });
  const signed = expect.objectContaining({ peer, body, from: 'inst-7f3q' });
  expect(await gate.admit(request(), body)).toEqual({ status: 401, reason: 'peer-not-active', signed });
  expect(nonces.size).toBe(0);
  expect(await gate.admit(request(), body, { lifecycles: [lifecycle] })).toMatchObject({ peer: { lifecycle } });
});

it.each([
  ['nobody we know', request({ from: 'inst-c' }), 'peer-unknown'],
  ['another secret', request({ secret: 'another secret altogether' }), 'signature'],
  ['301 s', request({ now: new Date(Date.now() - 301_000) }), 'timestamp'],
  ['a request to another place', request({ authority: 'evil.example' }), 'signature'],
  ['nothing signed', { headers: {} } as IncomingMessage, 'peer-unknown'],
])('refuses %s', async (_what, asked, reason) => {
  const { gate, nonces } = gateOf();
  expect([await gate.admit(asked, body), nonces.size]).toEqual([{ status: 401, reason }, 0]);
});

it('goes by PUBLIC_URL, not by what the request says of where it is', async () => {
  const { gate } = gateOf();
  const relayed = request({ authority: 'evil.example' });
  relayed.headers['host'] = 'evil.example';
  expect(await gate.admit(relayed, body)).toEqual({ status: 401, reason: 'signature' });
});

it('refuses a replay', async () => {
  const { gate } = gateOf();
  const asked = request();
  await gate.admit(asked, body);
  expect(await gate.admit(asked, body)).toEqual({ status: 401, reason: 'replay' });
});

it('remembers who was refused with which key, for people', async () => {
  const { gate, knocks } = gateOf();
  await gate.admit(request({ secret: 'another secret altogether', key_id: 'other' }), body);
  expect(knocks.of('inst-7f3q')).toMatchObject({ key_id: 'other', denied: 'signature' });
});

it.each([
  ['the facts are not all known yet', { isCaughtUp: false }, 'not-ready'],
  ['the secret cannot be read', { secret: () => Promise.reject(new Error('the database does not answer')) }, 'secrets-silent'],
])('says that it cannot tell when %s', async (_what, world, reason) => {
  expect(await gateOf(world).gate.admit(request(), body)).toEqual({ status: 503, reason });
});

it('says that it cannot tell when the log is silent', async () => {
  const { gate, log } = gateOf();
  log.isDown = true;
  expect(await gate.admit(request(), body)).toEqual({ status: 503, reason: 'log-silent' });
});

it('refuses a peer whose secret is lost like any other', async () => {
  expect(await gateOf({ secret: async () => null }).gate.admit(request(), body)).toEqual({ status: 401, reason: 'signature' });
});

it('tells who listens of whom it let in, and of nobody else, until they stop', async () => {
  const { gate } = gateOf();
  const heard: string[] = [];
  const end = gate.onAdmitted(({ peer_id }) => heard.push(peer_id));
  await gate.admit(request(), body);
  await gate.admit(request({ secret: 'another secret altogether' }), body);
  end();
  await gate.admit(request(), body);
  expect(heard).toEqual(['peer-lisbon']);
});

describe('a body', () => {
  /** The request as it comes in, and how its body goes on. */
  const coming = (how: Parameters<typeof request>[0] = {}) => {
    const stream = new PassThrough();
    const socket = { remoteAddress: '192.0.2.1' };
    return { stream, asked: Object.assign(stream, request(how), { socket }) as unknown as IncomingMessage };
  };
  const isWhole = (gate: PeerGate): boolean => {
    const share = gate.unproven.share();
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
    expect(await gateOf().gate.receive(Object.assign(stream, asked) as unknown as IncomingMessage, 10)).toEqual(refused);
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('is not read before we know who our peers are', async () => {
    const { stream, asked } = coming();
    expect(await gateOf({ isCaughtUp: false }).gate.receive(asked, 10)).toEqual({ status: 503, reason: 'not-ready' });
    expect(stream.listenerCount('data')).toBe(0);
  });

  it('that comes too late tells an operator so, though it was not read', async () => {
    const { gate, knocks } = gateOf();
    await gate.receive(coming({ now: new Date(Date.now() - 301_000) }).asked, 10);
    expect(knocks.of('inst-7f3q')).toMatchObject({ denied: 'timestamp' });
  });

  it.each([
    ['is proven', (stream: PassThrough) => stream.end(body), expect.objectContaining({ body, from: 'inst-7f3q' })],
    ['proves nothing', (stream: PassThrough) => stream.end('[]'), { status: 401, reason: 'signature' }],
    ['is too long', (stream: PassThrough) => stream.write('x'.repeat(11)), 'too-long'],
    ['is torn', (stream: PassThrough) => stream.destroy(), 'cut'],
  ])('counts until it %s', async (_what, goOn, outcome) => {
    const { gate } = gateOf();
    const { stream, asked } = coming();
    const received = gate.receive(asked, 10);
    stream.write('');
    goOn(stream);
    expect(await received).toEqual(outcome);
    expect(isWhole(gate)).toBe(true);
  });

  it('counts while its signature is checked', async () => {
    const secret = Promise.withResolvers<string>();
    const isAsked = Promise.withResolvers<void>();
    const { gate } = gateOf({ secret: () => (isAsked.resolve(), secret.promise) });
    const { stream, asked } = coming();
    const received = gate.receive(asked, 10);
    stream.end(body);
    await isAsked.promise;
    expect(isWhole(gate)).toBe(false);
    secret.resolve(SECRET);
    expect(await received).toMatchObject({ body });
    expect(isWhole(gate)).toBe(true);
  });

  it.each([
    ['everybody', (gate: PeerGate) => gate.unproven.share().take(UNPROVEN_BYTES), false],
    ['its own address', (gate: PeerGate) => gate.unproven.share('192.0.2.1').take(UNPROVEN_BYTES_OF_ONE), false],
    ['another address', (gate: PeerGate) => gate.unproven.share('192.0.2.2').take(UNPROVEN_BYTES_OF_ONE), true],
  ])('that finds no room is refused: %s has taken it', async (_who, take, hasRoom) => {
    const { gate } = gateOf();
    expect(take(gate)).toBe(true);
    const { stream, asked } = coming();
    const received = gate.receive(asked, 10);
    stream.end(body);
    expect(await received).toEqual(hasRoom ? expect.objectContaining({ body }) : { status: 503, reason: 'no-room' });
  });
});
