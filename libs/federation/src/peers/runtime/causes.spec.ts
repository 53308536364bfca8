import { type IncomingMessage, type Server, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Instant } from '@app/kernel';
import { newEvent } from '@app/kernel';
import { type Instance, InstanceLog, QUICK, WrongClock, openInstance, until } from '../../../testing/instance.js';
import { PeerRemoved, type PeerStatusChanged } from '../events/index.js';
import { type EnvelopeKey, signRequest } from './envelope.js';
import { HELLO_PATH } from './link-client.provider.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';
import { ProvenRefusals } from './proven-refusals.provider.js';
import type { LinkTest } from '../link-test.view.js';
import { RETRY_PEER } from '../link.rpc.js';
import { LinkSupervisor } from './link-supervisor.provider.js';
import { PeerCache } from './peer-cache.provider.js';
import { peerSentence } from '../peer-sentences.js';

const SECRET = 'correct horse battery staple';
const OTHER = 'another secret altogether';
const A = 'inst-a';
const B = 'inst-b';
/** A peer that is refused is told why once in a tenth of a second, and what was learnt of it ends half a second after it stopped. */
const POLICY = { ...QUICK, explainMs: 100, totalTimeoutMs: 300 };
const MINUTE = 60_000;

const running = new Set<Instance>();
const servers = new Set<Server>();
afterEach(async () => {
  await Promise.all([...running].map((instance) => instance.stop()));
  running.clear();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  servers.clear();
});
const start = async (id: string, how: Parameters<typeof openInstance>[1] = {}): Promise<Instance> => {
  const instance = await openInstance(new InstanceLog(id), { policy: POLICY, ...how });
  running.add(instance);
  return instance;
};
const portOf = ({ url }: Instance): string => new URL(url).port;

const wordsOf = (evaluation: PeerStatusChanged | undefined): string =>
  evaluation === undefined
    ? 'none'
    : `${evaluation.to} ${evaluation.reason} ${peerSentence(evaluation.reason, evaluation.details, Date.now())}`;
/** Waits until the last status is like this, and answers its sentence. */
const says = async ({ log }: Instance, peerId: string, expected: RegExp): Promise<string> => {
  const read = (): string => wordsOf(log.evaluation(peerId));
  return until(`${log.instanceId} says ${String(expected)}`, read, (words) => expected.test(words));
};

describe('clocks that are ten minutes apart', () => {
  it('are named on both sides with their offset, and no more once they agree', async () => {
    const clock = new WrongClock(10 * MINUTE);
    const [a, b] = await Promise.all([start(A, { clock }), start(B)]);
    const [toB, toA] = [a.log.register(B, b.url, SECRET), b.log.register(A, a.url, SECRET)];
    await says(a, toB, /^auth_failed clock_skew .* clock .*is 10 min behind ours/);
    await says(b, toA, /^auth_failed clock_skew .* clock .*is 10 min ahead of ours/);
    clock.aheadMs = 0;
    await Promise.all([says(a, toB, /^connected null/), says(b, toA, /^connected null/)]);
    expect(b.app.get(ProvenRefusals).of(toA)).toBeNull();
  });

  it('are named by the side that refuses when the other one says nothing of a cause', async () => {
    // As a release before: whatever is asked of it, it answers a bare 401.
    const old = await served((_request, response) => void response.writeHead(401).end());
    const b = await start(B, { policy: { ...POLICY, totalTimeoutMs: 10_000 } });
    const toA = b.log.register(A, old, SECRET);
    await says(b, toA, /^pending auth_rejected/);
    await ask(b, signed(b, { now: new Date(Date.now() - 10 * MINUTE) }));
    await says(b, toA, /^auth_failed clock_skew .*refused here since the clocks differ: its clock is 10 min behind ours/);
  });

  it('are not named when they are more than a day apart', async () => {
    const [a, b] = await Promise.all([start(A, { clock: new WrongClock(25 * 60 * MINUTE) }), start(B)]);
    const [toB, toA] = [a.log.register(B, b.url, SECRET), b.log.register(A, a.url, SECRET)];
    await Promise.all([says(a, toB, /^pending auth_rejected/), says(b, toA, /^pending auth_rejected/)]);
    expect(b.app.get(ProvenRefusals).of(toA)).toBeNull();
  });
});

describe('an address that is not that of the peer', () => {
  const byLocalhost = async (how: Parameters<typeof openInstance>[1] = {}) => {
    const [a, b] = await Promise.all([start(A), start(B, how)]);
    const url = `http://localhost:${portOf(b)}`;
    return { a, b, toB: a.log.register(B, url, SECRET), toA: b.log.register(A, a.url, SECRET) };
  };

  it('is named on both sides, with the one expected', async () => {
    const { a, b, toB, toA } = await byLocalhost();
    const [used, own] = [`localhost:${portOf(b)}`, `127.0.0.1:${portOf(b)}`];
    await says(a, toB, new RegExp(`^auth_failed address_mismatch .*it was asked as ${used}, and is ${own}\\.`));
    await says(b, toA, new RegExp(`^degraded address_mismatch .*signed for ${used}, and this instance is ${own}\\.`));
  });

  it('is accepted while it is an alias', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const alias = { url: `http://localhost:${port}`, endsAt: new Date(Date.now() + MINUTE).toISOString() as Instant };
    const { a, b, toB, toA } = await byLocalhost({ port, aliases: [alias] });
    await Promise.all([says(a, toB, /^connected null/), says(b, toA, /^connected null/)]);
  });

  it('is named with its end when it was an alias, also where a proxy changed the Host', async () => {
    const endsAt = new Date(Date.now() - MINUTE).toISOString() as Instant;
    const b = await start(B, { publicUrl: 'http://b.example', aliases: [{ url: 'http://old.example', endsAt }] });
    const toA = b.log.register(A, 'http://127.0.0.1:9', SECRET);
    const answer = await ask(b, signed(b, { authority: 'old.example' }));
    expect(answer.said).toMatchObject({ cause: 'address', signed_for: 'old.example', accepted: 'b.example', ended_at: endsAt });
    expect(b.app.get(ProvenRefusals).of(toA)).toEqual({
      kind: 'address',
      signedFor: 'old.example',
      accepted: ['b.example'],
      endedAt: endsAt,
    });
  });
});

describe('a registration that is wrong on one side', () => {
  it('is told as a wrong remote_peer_id where the holder of the secret asks under another', async () => {
    const [a, b] = await Promise.all([start(A), start(B)]);
    const [toB, toA] = [a.log.register('inst-8', b.url, SECRET), b.log.register(A, a.url, SECRET)];
    await says(a, toB, /^auth_failed peer_id_mismatch .*The holder of its secret asks here as inst-b/);
    const rejected = b.app.get(RejectedHandshakes);
    await until(
      'a asks b',
      () => rejected.of(A)?.denied,
      (denied) => denied === 'signature',
    );
    expect(await b.rpc.ask<LinkTest>(RETRY_PEER, { peer_id: toA })).toMatchObject({
      reason: 'auth_rejected',
      sentence: expect.stringContaining('names the fingerprint of this secret, and signs for another instance id'),
    });
  });

  it('is told as an address of our own where the request comes back', async () => {
    const a = await start(A);
    const toB = a.log.register(B, a.url, SECRET);
    await says(a, toB, /^auth_failed own_address .*leads back to this instance/);
    expect(await a.rpc.ask<LinkTest>(RETRY_PEER, { peer_id: toB })).toMatchObject({ ok: false, reason: 'own_address' });
  });

  it('is no more told as another secret when the other side has removed this one', async () => {
    const [a, b] = await Promise.all([start(A), start(B)]);
    const [toB, toA] = [a.log.register(B, b.url, SECRET), b.log.register(A, a.url, OTHER)];
    await says(a, toB, /^auth_failed auth_rejected .*compare the fingerprints/);
    b.log.add(newEvent(PeerRemoved, { peer_id: toA }));
    const left = await says(a, toB, /^pending auth_rejected/);
    expect(left).not.toMatch(/fingerprint/);
  });
});

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly said: Record<string, unknown>;
  readonly body: string;
}
type Signing = Partial<Parameters<typeof signRequest>[0]>;
const BODY = Buffer.from(JSON.stringify({ step: 'hello' }));
const keyOf = (instance: Instance): EnvelopeKey => ({
  secret: SECRET,
  key_id: instance.app.get(PeerCache).byRemoteId(A)?.secret_fingerprint ?? 'key',
});
/** A request of A to B. */
const signed = (b: Instance, how: Signing = {}): Record<string, string> =>
  signRequest({
    ...{ ...keyOf(b), from: A, to: B, method: 'POST', authority: new URL(b.url).host, path: HELLO_PATH, body: BODY, now: new Date() },
    ...how,
  });
const ask = (instance: Instance, headers: Record<string, string>): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = httpRequest(`${instance.url}${HELLO_PATH}`, { method: 'POST', headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const body = Buffer.concat(parts).toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, said: JSON.parse(body) as Record<string, unknown> });
      });
    });
    asked.on('error', reject);
    asked.end(BODY);
  });
async function served(answer: (request: IncomingMessage, response: import('node:http').ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('what is told on the wire', () => {
  const old = (): Date => new Date(Date.now() - 10 * MINUTE);
  const closed = async (): Promise<Instance> => {
    const b = await start(B, { policy: { ...POLICY, explainMs: MINUTE, startWithinMs: 3_600_000 } });
    b.log.register(A, 'http://127.0.0.1:9', SECRET);
    return b;
  };

  it.each<[string, Signing]>([
    ['another secret', { secret: OTHER }],
    ['another secret and a clock that is off', { secret: OTHER, now: old() }],
    ['nobody we know', { from: 'inst-c' }],
    ['another instance', { to: 'inst-c' }],
    ['an address that is neither ours nor the Host', { authority: 'evil.example' }],
    ['a clock that is more than a day off', { now: new Date(Date.now() - 25 * 60 * MINUTE) }],
  ])('is the uniform 401 to %s', async (_who, how) => {
    const b = await closed();
    const plain = await ask(b, {});
    const answer = await ask(b, signed(b, how));
    expect([answer.status, answer.body]).toEqual([401, plain.body]);
    expect(answer.headers['x-cb-signature']).toBeUndefined();
  });

  it('is a cause to who proves to be the peer, once a minute', async () => {
    const b = await closed();
    const first = await ask(b, signed(b, { now: old() }));
    expect([first.status, first.said]).toMatchObject([401, { code: 'federation.not-a-peer', cause: 'clock' }]);
    expect(first.headers['x-cb-signature']).toBeDefined();
    const second = await ask(b, signed(b, { now: new Date(old().getTime() + 5_000) }));
    expect([second.status, second.headers['x-cb-signature']]).toEqual([401, undefined]);
  });

  it('is nothing of a clock while the peer signs as it should', async () => {
    const b = await closed();
    expect((await ask(b, signed(b))).status).toBe(400); // The body is not a hello; the signature is good.
    const ahead = new Date(Date.now() + 10 * MINUTE); // Signed later than the good one, so that it is no recording of before.
    expect((await ask(b, signed(b, { now: ahead }))).headers['x-cb-signature']).toBeUndefined();
    expect(b.app.get(ProvenRefusals).of(`peer-${A}`)).toBeNull();
  });

  it('tells nothing of a clock by a request that was recorded and is sent again', async () => {
    const b = await start(B, { policy: { ...POLICY, gone: 0, startWithinMs: 3_600_000 }, clock: new WrongClock(10 * MINUTE) });
    const toA = b.log.register(A, 'http://127.0.0.1:9', SECRET);
    const recorded = signed(b, { now: new Date(Date.now() + 10 * MINUTE - 280_000) }); // Good when it was made, and let in.
    expect((await ask(b, recorded)).status).toBe(400);
    (b.app.get(LinkSupervisor) as unknown as { timing: { clock: WrongClock } }).timing.clock.aheadMs += 10 * MINUTE; // Ten minutes later.
    const again = await ask(b, recorded);
    expect([again.status, again.headers['x-cb-signature'], b.app.get(ProvenRefusals).of(toA)]).toEqual([401, undefined, null]);
  });
});
