import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { keyFingerprint, makeKeyPair } from '@app/config';
import { LogUnavailable } from '@app/event-store';
import { newEvent } from '@app/kernel';
import { type Instance, InstanceLog, QUICK, openInstance } from '../../../testing/instance.js';
import { type HeartbeatReceived, PeerSuspended, PeerVerified } from '../events/index.js';
import { FixedKey } from '../../../testing/fixed-key.js';
import { type ProofOf, saidKey, shownKey } from './key-proof.adapter.js';
import { PeerCache } from './peer-cache.provider.js';
import { UNPROVEN_BYTES } from './body-budget.js';
import { type EnvelopeKey, signRequest, verifyAnswer } from './envelope.js';
import { RequestAuthenticator } from './request-authenticator.provider.js';
import { ShownKeys } from './shown-keys.provider.js';
import { LinkEndpoint } from './link.endpoint.js';

/** B answers; A is only what is signed here. Its own attempts to reach A find nobody. */
const SECRET = 'correct horse battery staple';
const NOBODY = 'http://127.0.0.1:9';
const POLICY = { ...QUICK, startWithinMs: 3_600_000 };

const OWN = makeKeyPair();

let log: InstanceLog;
let b: Instance;
let peerId: ReturnType<InstanceLog['register']>;
let key: EnvelopeKey;
const others: Instance[] = [];

beforeEach(async () => {
  log = new InstanceLog('inst-b');
  b = await openInstance(log, { policy: POLICY, key: OWN });
  peerId = log.register('inst-a', NOBODY, SECRET);
  key = { secret: SECRET, key_id: b.app.get(PeerCache).get(peerId)?.secret_fingerprint ?? '' };
});
afterEach(async () => {
  await Promise.all([b, ...others.splice(0)].map((instance) => instance.stop()));
});

interface Answered {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
  readonly said: any;
}

/** Bytes as they are, with nothing of a client's own. */
function send(url: string, path: string, headers: Record<string, string>, body: Buffer, method = 'POST'): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}${path}`,
      { method, headers: { ...headers, 'content-length': String(body.length) }, agent: false },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => {
          const whole = Buffer.concat(parts);
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: whole, said: JSON.parse(whole.toString() || 'null') });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const nonceOf = (): string => randomBytes(18).toString('base64url');
const HELLO = '/federation/v1/hello';
const HEARTBEAT = '/federation/v1/heartbeat';
const own = { boot_id: 'boot-of-a', sent_at: '2026-02-01T12:00:00.000Z', protocol_min: 1, protocol_max: 1 };
const hello = { ...own, step: 'hello', challenge: null };
const beat = { ...own, seq: 1, calls_in: 3, calls_out: 4, your_status: 'connected' };

type Signing = Partial<Parameters<typeof signRequest>[0]>;
const signed = (path: string, body: Buffer, how: Signing = {}): Record<string, string> =>
  signRequest({
    ...key,
    from: 'inst-a',
    to: 'inst-b',
    method: 'POST',
    authority: new URL(b.url).host,
    path,
    body,
    now: new Date(),
    ...how,
  });
const say = (path: string, said: object, how: Signing = {}): Promise<Answered> => {
  const body = Buffer.from(JSON.stringify(said));
  return send(b.url, path, signed(path, body, how), body);
};
const verify = (): void => log.add(newEvent(PeerVerified, { peer_id: peerId }));

describe('what is answered', () => {
  it('is signed, for the one request it answers', async () => {
    const nonce = nonceOf();
    const { status, headers, body, said } = await say(HELLO, hello, { nonce });
    const answer = { keys: [key], from: 'inst-b', to: 'inst-a', status, headers, body };
    expect(verifyAnswer({ ...answer, nonce })).toBe(true);
    expect(verifyAnswer({ ...answer, nonce: nonceOf() })).toBe(false);
    expect(said).toMatchObject({ protocol_min: 1, protocol_max: 1, your_status: 'pending', challenge: expect.any(String) });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('a hello changes nothing here', async () => {
    await say(HELLO, hello);
    expect([log.types, log.measurements]).toEqual([['federation.peer.registered'], []]);
  });

  it('a challenge that is handed back verifies the peer, once', async () => {
    const { said } = await say(HELLO, hello);
    const confirmed = await say(HELLO, { ...hello, step: 'confirm', challenge: said.challenge });
    expect(confirmed.said).toMatchObject({ challenge: null, your_status: 'unknown' });
    await say(HELLO, { ...hello, step: 'confirm', challenge: said.challenge });
    expect(log.of('federation.peer.verified')).toEqual([{ peer_id: peerId }]);
  });

  it.each([
    ['none', null],
    ['one that was not made here', `${Date.now() + 30_000}.${'A'.repeat(22)}.${'A'.repeat(43)}`],
  ])('%s verifies nobody', async (_what, challenge) => {
    const { status, said } = await say(HELLO, { ...hello, step: 'confirm', challenge });
    expect([status, said.your_status, log.types]).toEqual([200, 'pending', ['federation.peer.registered']]);
  });

  it('a challenge by a peer without a common version verifies nobody', async () => {
    const { said } = await say(HELLO, hello);
    const answer = await say(HELLO, { ...hello, step: 'confirm', challenge: said.challenge, protocol_min: 2, protocol_max: 9 });
    expect([answer.said.your_status, log.types]).toEqual(['pending', ['federation.peer.registered']]);
  });

  it('a heartbeat of an active peer is kept', async () => {
    verify();
    const { said } = await say(HEARTBEAT, beat);
    expect(said).toMatchObject({ your_status: 'unknown', calls_in: 0, calls_out: 0 });
    const kept = {
      peer_id: peerId,
      direction: 'in',
      seq: 1,
      boot_id: 'boot-of-a',
      rtt_ms: null,
      their_view: 'connected',
      calls_in: 3,
      calls_out: 4,
    };
    expect(log.measured<HeartbeatReceived>('federation.heartbeat.received')).toEqual([{ ...kept, sent_at: own.sent_at }]);
  });

  it.each([
    ['pending', () => undefined],
    ['suspended', () => (verify(), log.add(newEvent(PeerSuspended, { peer_id: peerId, note: '', until: null })))],
  ])('a heartbeat of a %s peer is answered, and counts for nothing', async (your_status, prepare) => {
    prepare();
    const { status, said } = await say(HEARTBEAT, beat);
    expect([status, said.your_status, log.measurements]).toEqual([200, your_status, []]);
  });
});

describe('what is refused', () => {
  const body = Buffer.from(JSON.stringify(hello));
  const at = (seconds: number): Date => new Date(Date.now() + seconds * 1000);
  const minusDate = ({ headers: { date: _date, ...headers }, body: said, status }: Answered) => ({
    status,
    headers,
    body: said.toString(),
  });

  it('is refused alike, whatever the reason: on the wire there is none', async () => {
    const replayed = signed(HELLO, body);
    expect((await send(b.url, HELLO, replayed, body)).status).toBe(200);
    const attempts: [string, () => Promise<Answered>][] = [
      ['nothing signed', () => send(b.url, HELLO, {}, body)],
      ['nonsense', () => send(b.url, HELLO, { ...signed(HELLO, body), 'x-cb-nonce': 'x' }, body)],
      ['a replay', () => send(b.url, HELLO, replayed, body)],
      ['301 s ago', () => say(HELLO, hello, { now: at(-301) })],
      ['in 302 s', () => say(HELLO, hello, { now: at(302) })],
      ['another secret', () => say(HELLO, hello, { secret: 'another secret altogether' })],
      ['nobody we know', () => say(HELLO, hello, { from: 'inst-c' })],
      ['to another instance', () => say(HELLO, hello, { to: 'inst-c' })],
      ['for another place', () => say(HELLO, hello, { authority: 'c.example' })],
      ['another body', () => send(b.url, HELLO, signed(HELLO, Buffer.from('{}')), body)],
      ['another path', () => send(b.url, HEARTBEAT, signed(HELLO, body), body)],
      ['a swapped nonce', () => send(b.url, HELLO, { ...signed(HELLO, body), 'x-cb-nonce': nonceOf() }, body)],
      ['our own, reflected', () => say(HELLO, hello, { from: 'inst-b', to: 'inst-a' })],
    ];
    const answers = await Promise.all(attempts.map(async ([what, attempt]) => ({ what, ...minusDate(await attempt()) })));
    const [{ what: _what, ...first } = { what: '' }] = answers;
    expect(first).toMatchObject({ status: 401 });
    for (const { what, ...answer } of answers) expect([what, answer]).toEqual([what, first]);
    expect(JSON.stringify(first)).not.toMatch(/replay|nonce|secret|timestamp|unknown/i);
  });

  it('a replay at the process that follows this one, which may begin before this one has ended', async () => {
    const next = await openInstance(log, { policy: POLICY, publicUrl: b.url });
    others.push(next);
    const headers = signed(HELLO, body);
    expect((await send(next.url, HELLO, headers, body)).status).toBe(200);
    expect((await send(b.url, HELLO, headers, body)).status).toBe(401);
  });

  it('relayed to another instance that has the same peer, with the same secret', async () => {
    const elsewhere = new InstanceLog('inst-b'); // Even under the same id: it is reached by another URL.
    const other = await openInstance(elsewhere, { policy: POLICY });
    others.push(other);
    elsewhere.register('inst-a', NOBODY, SECRET);
    expect((await send(other.url, HELLO, signed(HELLO, body), body)).status).toBe(401);
  });

  it('fills the memory of nonces only for those who hold the secret', async () => {
    await say(HELLO, hello, { secret: 'another secret altogether' });
    await say(HELLO, hello, { from: 'inst-c' });
    await say(HELLO, hello, { now: at(-301) });
    expect(log.keys.size).toBe(0);
    await say(HELLO, hello);
    expect(log.keys.size).toBe(1);
  });

  it('lets nobody in when it cannot be told whether a nonce is new', async () => {
    await say(HELLO, hello); // Its secret is in memory from here on.
    log.isDown = true;
    const { status, headers } = await say(HELLO, hello);
    expect([status, headers['retry-after']]).toEqual([503, '1']);
  });

  it('does not refuse a peer whose secret cannot be read now', async () => {
    log.isDown = true;
    const late = log.register('inst-late', NOBODY, SECRET);
    const { secret_fingerprint: key_id = '' } = b.app.get(PeerCache).get(late) ?? {};
    expect((await say(HELLO, hello, { from: 'inst-late', key_id })).status).toBe(503);
  });

  it('a challenge cannot be met while that cannot be written down', async () => {
    const { said } = await say(HELLO, hello);
    log.before = () => Promise.reject(new LogUnavailable('the event log does not answer'));
    expect((await say(HELLO, { ...hello, step: 'confirm', challenge: said.challenge })).status).toBe(503);
    expect(log.types).not.toContain('federation.peer.verified');
  });

  it('who cannot have signed, before a byte of the body is here', async () => {
    const asked = request(`${b.url}${HELLO}`, { method: 'POST', headers: { 'content-length': '1000' }, agent: false });
    asked.flushHeaders();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(401);
    asked.on('error', () => undefined).destroy();
  });

  it('anybody while strangers fill the memory for bodies, and nobody after that', async () => {
    const strangers = b.app.get(RequestAuthenticator).unproven.share();
    strangers.take(UNPROVEN_BYTES);
    const { status, headers } = await say(HELLO, hello);
    expect([status, headers['retry-after'], headers.connection]).toEqual([503, '1', 'close']);
    strangers.release();
    expect((await say(HELLO, hello)).status).toBe(200);
  });

  it('what went through us before, or through too many', async () => {
    expect((await say(HELLO, hello, { via: ['inst-b'] })).status).toBe(508);
    expect((await say(HELLO, hello, { via: ['inst-x', 'inst-y', 'inst-z'] })).status).toBe(508);
  });

  it.each([
    ['no JSON', Buffer.from('hello'), 400],
    ['no hello', Buffer.from('{"step":"hello"}'), 400],
    ['a list', Buffer.from('[]'), 400],
    ['65 KiB', Buffer.alloc(65 * 1024, ' '), 413],
  ])('%s', async (_what, sent, status) => {
    expect((await send(b.url, HELLO, signed(HELLO, sent), sent)).status).toBe(status);
  });

  it('another method and another path', async () => {
    expect((await send(b.url, HELLO, {}, Buffer.alloc(0), 'GET')).status).toBe(405);
    expect((await send(b.url, `${HELLO}/x`, {}, body)).status).toBe(404);
  });

  it('an address that asks too often, with when to come again', async () => {
    const statuses = await Promise.all(Array.from({ length: 500 }, () => send(b.url, HELLO, {}, body)));
    const limited = statuses.filter(({ status }) => status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(limited[0]?.headers['retry-after']).toBe('1');
    expect((await say(HELLO, hello)).status).toBe(200); // A peer is heard all the same: behind a proxy all have one address.
  });

  it('a peer that asks too often, and no other', async () => {
    log.register('inst-c', NOBODY, SECRET);
    const statuses = await Promise.all(Array.from({ length: 300 }, () => say(HELLO, hello)));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([200, 429]));
    expect((await say(HELLO, hello, { from: 'inst-c' })).status).toBe(200);
  });
});

it('tells that this process can answer nobody well, once facts of peers are followed no more', () => {
  const app = b.app.get(LinkEndpoint);
  expect(app.failing()).toBeNull();
  log.lose();
  expect(app.failing()).toBe('peers');
});

describe('the instance key of whoever asks', () => {
  const theirs = makeKeyPair();
  const other = makeKeyPair();
  const observed = () => b.app.get(ShownKeys).of(peerId)?.kind;
  /** A heartbeat with a key and a signature for its nonce, or for what `more` says; `change` is made before it is sent, and after it is signed. */
  const beatWith = async (path: string, said: object, pair = theirs, more: Partial<ProofOf> = {}, change = (body: string) => body) => {
    const nonce = nonceOf();
    const proof: ProofOf = { from: 'inst-a', to: 'inst-b', nonce, kind: 'ask', ...more };
    const body = JSON.stringify({ ...said, ...saidKey(new FixedKey(pair), proof) });
    const headers = signed(path, Buffer.from(body), { nonce });
    return send(b.url, path, headers, Buffer.from(change(body)));
  };

  it.each([
    ['hello', HELLO, hello],
    ['heartbeat', HEARTBEAT, beat],
  ])('is seen in a %s', async (_name, path, said) => {
    expect((await beatWith(path, said)).status).toBe(200);
    expect(observed()).toBe('proven');
  });

  it('is refused with the whole message when it was put in place of another after the message was signed', async () => {
    const swap = (body: string): string => body.replace(theirs.publicKey, other.publicKey);
    expect((await beatWith(HELLO, hello, theirs, {}, swap)).status).toBe(401);
    expect(observed()).toBeUndefined();
  });

  it.each<[string, Partial<ProofOf>]>([
    ['another request', { nonce: 'another-nonce' }],
    ['an answer', { kind: 'answer' }],
    ['another instance', { to: 'inst-c' }],
    ['another sender', { from: 'inst-c' }],
  ])('is not proven by a signature for %s', async (_what, more) => {
    expect((await beatWith(HELLO, hello, theirs, more)).status).toBe(200);
    expect(observed()).toBe('unproven');
  });

  it('is pinned for a verified peer only, and the next one is not', async () => {
    const pins = (): unknown[] => log.of('federation.peer.key-pinned');
    await beatWith(HELLO, hello);
    await b.app.get(ShownKeys).settled();
    expect(pins()).toEqual([]);
    log.add(newEvent(PeerVerified, { peer_id: peerId }));
    await beatWith(HEARTBEAT, beat);
    await b.app.get(ShownKeys).settled();
    expect(pins()).toEqual([{ peer_id: peerId, public_key: theirs.publicKey, key_fingerprint: keyFingerprint(theirs.publicKey) }]);
    await beatWith(HEARTBEAT, { ...beat, seq: 2 }, other);
    await b.app.get(ShownKeys).settled();
    expect(pins()).toHaveLength(1);
  });

  it('is answered with that of this instance, proven for this question', async () => {
    const nonce = nonceOf();
    const body = Buffer.from(JSON.stringify(hello));
    const { said } = await send(b.url, HELLO, signed(HELLO, body, { nonce }), body);
    expect(shownKey(said, { from: 'inst-b', to: 'inst-a', nonce, kind: 'answer' })).toMatchObject({
      kind: 'proven',
      public_key: OWN.publicKey,
    });
    expect(shownKey(said, { from: 'inst-b', to: 'inst-a', nonce: nonceOf(), kind: 'answer' })).toMatchObject({ kind: 'unproven' });
  });
});
