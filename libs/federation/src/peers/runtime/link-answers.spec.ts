import { newEvent } from '@app/kernel';
import { type Instance, InstanceLog, QUICK, openInstance, until } from '../../../testing/instance.js';
import { PeerSuspended } from '../events/index.js';
import { signRequest } from './envelope.js';
import { RejectedHandshakes } from './rejected-handshakes.provider.js';
import { HELLO_PATH } from './link-client.provider.js';
import type { LinkTest } from '../link-test.view.js';
import { PeerCache } from './peer-cache.provider.js';
import { RETRY_PEER, STRANGERS, type Strangers, TEST_LINK, TEST_PEER } from '../link.rpc.js';

const SECRET = 'correct horse battery staple';
/** Neither side begins by itself, and no second answer ends red. */
const QUIET = { ...QUICK, startWithinMs: 3_600_000, recoverySpacingMs: 3_600_000 };

let a: Instance;
let b: Instance;
beforeEach(async () => {
  a = await openInstance(new InstanceLog('inst-a'), { policy: QUIET, key: null });
  b = await openInstance(new InstanceLog('inst-b'), { policy: QUIET, key: null });
});
afterEach(async () => {
  await a.stop();
  await b.stop();
});

const testLink = (secret = SECRET, url = b.url, remote_peer_id = 'inst-b'): Promise<LinkTest> =>
  a.rpc.ask(TEST_LINK, { url, remote_peer_id, sealed_secret: a.box.seal(secret, TEST_LINK) });
const nothingSaved = (): void => {
  for (const { log } of [a, b])
    expect([log.types.filter((type) => type !== 'federation.peer.registered'), log.measurements]).toEqual([[], []]);
};

describe('a link that is not saved', () => {
  it('is fine when the other side knows us, with the same secret; nothing is saved on either side', async () => {
    b.log.register('inst-a', a.url, SECRET);
    expect(await testLink()).toEqual({
      ok: true,
      reason: null,
      sentence: 'It answers as inst-b, and holds the same secret.',
      rtt_ms: expect.any(Number),
    });
    nothingSaved();
    expect(a.log.facts).toEqual([]);
  });

  it.each([
    ['does not know us', false, SECRET],
    ['holds another secret', true, 'another secret altogether'],
  ])('is refused when the other side %s', async (_what, isKnown, secret) => {
    if (isKnown) b.log.register('inst-a', a.url, SECRET);
    expect(await testLink(secret)).toMatchObject({
      ok: false,
      reason: 'auth_rejected',
      sentence: expect.stringMatching(/does not know it, or holds another secret\.$/),
    });
    nothingSaved();
  });

  it('is refused when another instance answers there', async () => {
    b.log.register('inst-a', a.url, SECRET);
    expect(await testLink(SECRET, b.url, 'inst-c')).toMatchObject({ ok: false, reason: 'auth_rejected' });
  });

  it('is not reached when nobody is there', async () => {
    const gone = await openInstance(new InstanceLog('inst-b'));
    await gone.stop();
    expect(await testLink(SECRET, gone.url)).toMatchObject({
      ok: false,
      reason: 'connect_refused',
      sentence: expect.stringContaining('refuses connections'),
    });
  });

  it('is denied where this side may not go', async () => {
    expect(await testLink(SECRET, 'https://10.0.0.1')).toMatchObject({ ok: false, reason: 'url_denied' });
  });

  it('says with which secret the other side has asked here, where that is another', async () => {
    const toA = b.log.register('inst-a', a.url, SECRET);
    await until(
      'b has heard of it',
      () => b.log.facts.length,
      (n) => n === 1,
    );
    await b.rpc.ask(RETRY_PEER, { peer_id: toA }); // Refused: a does not know b yet.
    expect((await testLink('another secret altogether')).sentence).toMatch(
      /Somebody who says to be it has asked here too, with another secret: compare the fingerprints, its is [0-9a-f-]+\.$/,
    );
  });
});

describe('a saved peer', () => {
  it('is tested, and stays what it is', async () => {
    const toB = a.log.register('inst-b', b.url, SECRET);
    b.log.register('inst-a', a.url, SECRET);
    expect(await a.rpc.ask(TEST_PEER, { peer_id: toB })).toMatchObject({ ok: true, rtt_ms: expect.any(Number) });
    nothingSaved();
  });

  it('is tried now: a pending one is verified by that', async () => {
    const toB = a.log.register('inst-b', b.url, SECRET);
    expect(await a.rpc.ask(RETRY_PEER, { peer_id: toB })).toMatchObject({ ok: false, reason: 'auth_rejected' });
    b.log.register('inst-a', a.url, SECRET);
    expect(await a.rpc.ask(RETRY_PEER, { peer_id: toB })).toMatchObject({ ok: true });
    expect([a, b].map(({ log }) => log.of('federation.peer.verified').length)).toEqual([1, 1]);
  });

  it('is told after a good try that its status follows while it is still red', async () => {
    const toB = a.log.register('inst-b', b.url, SECRET);
    b.log.register('inst-a', a.url, SECRET);
    const retry = (): Promise<LinkTest> => a.rpc.ask(RETRY_PEER, { peer_id: toB });
    expect(await retry()).toMatchObject({ ok: true, sentence: 'It answers as inst-b, and holds the same secret.' });
    await b.stop();
    b = await openInstance(new InstanceLog('inst-b'), { policy: QUIET, port: Number(new URL(b.url).port) }); // It knows nobody.
    expect(await retry()).toMatchObject({ ok: false, reason: 'auth_rejected' });
    const status = (): string | undefined => a.app.get(PeerCache).get(toB)?.last_status?.status;
    await until('the link is red', status, (word) => word === 'auth_failed');
    b.log.register('inst-a', a.url, SECRET);
    expect((await retry()).sentence).toBe(
      'It answers as inst-b, and holds the same secret. Its status follows when it answered a second time, some seconds from now.',
    );
    expect(status()).toBe('auth_failed');
  });

  it('is not tried while it is suspended, but may be tested', async () => {
    const toB = a.log.register('inst-b', b.url, SECRET);
    b.log.register('inst-a', a.url, SECRET);
    a.log.add(newEvent(PeerSuspended, { peer_id: toB, note: '', until: null }));
    expect(await a.rpc.ask(RETRY_PEER, { peer_id: toB })).toMatchObject({ ok: false, reason: 'suspended_by_operator' });
    expect(await a.rpc.ask(TEST_PEER, { peer_id: toB })).toMatchObject({ ok: true });
  });

  it('is waited for when it was registered a moment ago', async () => {
    const asked = a.rpc.ask<LinkTest>(TEST_PEER, { peer_id: 'peer-inst-b' });
    b.log.register('inst-a', a.url, SECRET);
    a.log.register('inst-b', b.url, SECRET);
    expect(await asked).toMatchObject({ ok: true });
  });

  it('is not known when nobody registered it', async () => {
    expect(await a.rpc.ask(TEST_PEER, { peer_id: 'peer-nobody' })).toMatchObject({ ok: false, reason: 'never_connected' });
  });
});

describe('instances that are not registered', () => {
  const strangers = (most = 8): Promise<Strangers> => b.rpc.ask(STRANGERS, { most });
  /** Somebody asks at `b`, signed as `from` with a secret that nobody else has. */
  const handshake = async (from: string): Promise<void> => {
    const key = { key_id: 'a1b2-c3d4', secret: 'a secret of a stranger' };
    const headers = signRequest({
      ...key,
      now: new Date(),
      from,
      to: 'inst-b',
      method: 'POST',
      authority: new URL(b.url).host,
      path: HELLO_PATH,
      body: Buffer.from('{}'),
    });
    expect((await fetch(b.url + HELLO_PATH, { method: 'POST', body: '{}', headers })).status).toBe(401);
  };

  it('are named with their fingerprint, the newest last, and no more of them than asked for', async () => {
    expect(await strangers()).toEqual({ total: 0, latest: [] });
    for (const name of ['inst-x', 'inst-y', 'inst-x']) await handshake(name);
    const moment = expect.stringMatching(/^\d{4}-.*Z$/);
    const known = { key_id: 'a1b2-c3d4', since: moment, last_at: moment };
    expect(await strangers()).toEqual({
      total: 2,
      latest: [
        { instance_id: 'inst-y', ...known },
        { instance_id: 'inst-x', ...known },
      ],
    });
    expect(await strangers(1)).toMatchObject({ total: 2, latest: [{ instance_id: 'inst-x' }] });
  });

  it('are none of those that are registered, and not this instance itself', async () => {
    b.log.register('inst-a', a.url, SECRET);
    for (const name of ['inst-a', 'inst-b', 'inst-x']) await handshake(name);
    expect((await strangers()).latest.map(({ instance_id }) => instance_id)).toEqual(['inst-x']);
  });

  it('are remembered in bounds, and by names that have the form of one', async () => {
    for (let i = 0; i < 260; i++) b.app.get(RejectedHandshakes).refused(`inst-${i}`, 'a1b2-c3d4', 'signature');
    for (const name of ['<script>', 'inst x', 'a'.repeat(65)]) b.app.get(RejectedHandshakes).refused(name, 'a1b2-c3d4', 'signature');
    b.app.get(RejectedHandshakes).refused('inst-odd', '\u001b[31m', 'signature');
    const { total, latest } = await strangers();
    expect([total, latest.at(-1)?.instance_id]).toEqual([256, 'inst-259']);
  });
});
