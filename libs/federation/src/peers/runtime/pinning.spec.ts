import { keyFingerprint, makeKeyPair } from '@app/config';
import { type Instance, InstanceLog, QUICK, openInstance, until } from '../../../testing/instance.js';
import type { PeerKeyPinned, PeerId } from '../events/index.js';
import { InstanceKeys } from './instance-keys.provider.js';
import { type KeyAnswer, SHOWN_KEY } from '../link.rpc.js';
import { peerSentence } from '../peer-sentences.js';
import { pinPeerKey } from '../write/pin-peer-key/pin-peer-key.decide.js';

/** Two instances over real HTTP, and the key that each pins of the other. */
const SECRET = 'correct horse battery staple';
const running: Instance[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((instance) => instance.stop()));
});

type How = NonNullable<Parameters<typeof openInstance>[1]>;
async function start(log: InstanceLog, how: How = {}): Promise<Instance> {
  const instance = await openInstance(log, { policy: { ...QUICK, slackMs: 5_000 }, ...how });
  running.push(instance);
  return instance;
}
const portOf = ({ url }: Instance): number => Number(new URL(url).port);
async function restarted(instance: Instance, how: How): Promise<Instance> {
  running.splice(running.indexOf(instance), 1);
  await instance.stop();
  return start(instance.log, { port: portOf(instance), ...how });
}

async function linked(howOfA: How = {}, howOfB: How = {}) {
  const [a, b] = [await start(new InstanceLog('inst-a'), howOfA), await start(new InstanceLog('inst-b'), howOfB)];
  const [toB, toA] = [a.log.register('inst-b', b.url, SECRET), b.log.register('inst-a', a.url, SECRET)];
  await becomes(a, toB, 'connected null');
  await becomes(b, toA, 'connected null');
  return { a, b, toB, toA };
}
const statusOf = ({ log }: Instance, peerId: PeerId): string => {
  const { to, reason } = log.evaluation(peerId) ?? {};
  return `${to} ${reason}`;
};
const becomes = (instance: Instance, peerId: PeerId, evaluation: string): Promise<string> =>
  until(
    `${peerId} is ${evaluation}`,
    () => statusOf(instance, peerId),
    (now) => now === evaluation,
  );
const pinsOf = ({ log }: Instance): string[] =>
  log.of<PeerKeyPinned>('federation.peer.key-pinned').map(({ key_fingerprint }) => key_fingerprint);
const pinned = (instance: Instance, fingerprint: string): Promise<string[]> =>
  until(
    'the key is pinned',
    () => pinsOf(instance),
    (pins) => pins.includes(fingerprint),
  );
/** It makes its key right after its start. */
const fingerprintOf = ({ app }: Instance): Promise<string> =>
  until(
    'it has a key',
    () => app.get(InstanceKeys).fingerprint ?? '',
    (fingerprint) => fingerprint !== '',
  );
/** Resolves when so many more answers of the peer were kept. */
const answers = async ({ log }: Instance, more: number): Promise<void> => {
  const count = (): number => log.measured('federation.heartbeat.received').length;
  const from = count();
  await until(`${more} more heartbeats`, count, (now) => now >= from + more);
};

it('pins the key of the other side on both sides, once', async () => {
  const { a, b } = await linked();
  await pinned(a, await fingerprintOf(b));
  await pinned(b, await fingerprintOf(a));
  await answers(a, 4);
  expect([pinsOf(a), pinsOf(b)]).toEqual([[await fingerprintOf(b)], [await fingerprintOf(a)]]);
});

it('connects to a peer of an older release, which shows no key, and pins none', async () => {
  const { a, b, toA, toB } = await linked({}, { key: null });
  await answers(a, 4);
  expect([pinsOf(a), statusOf(a, toB), statusOf(b, toA)]).toEqual([[], 'connected null', 'connected null']);
});

it('pins the key of a peer that was connected before both had keys', async () => {
  const { a, b, toB } = await linked({ key: null }, { key: null });
  const verifications = a.log.of('federation.peer.verified').length;
  const [upgradedB, upgradedA] = [await restarted(b, {}), await restarted(a, {})];
  await pinned(upgradedA, await fingerprintOf(upgradedB));
  await pinned(upgradedB, await fingerprintOf(upgradedA));
  expect(a.log.of('federation.peer.verified')).toHaveLength(verifications);
  await becomes(upgradedA, toB, 'connected null');
});

describe('a peer whose key is pinned', () => {
  it('is amber with another key, which is not pinned until an admin confirms it by its fingerprint', async () => {
    const { a, b, toB } = await linked();
    const first = await fingerprintOf(b);
    await pinned(a, first);
    const other = makeKeyPair();
    await restarted(b, { key: other });
    const shown = keyFingerprint(other.publicKey);
    await becomes(a, toB, 'degraded key_changed');
    expect(a.log.evaluation(toB)?.details).toEqual({ shown, pinned: first });
    expect(pinsOf(a)).toEqual([first]);
    const { key } = await a.rpc.ask<KeyAnswer>(SHOWN_KEY, { peer_id: toB });
    expect(key).toEqual({ public_key: other.publicKey, fingerprint: shown });
    const refused = await a.log.handle(pinPeerKey, {
      data: { peer_id: toB, fingerprint: first.replace(/^..../, 'ffff'), shown: key },
      actor: 'x',
    });
    expect(refused).toMatchObject({ refused: 'federation.key-differs' });
    await a.log.handle(pinPeerKey, { data: { peer_id: toB, fingerprint: shown, shown: key }, actor: 'token:admin' });
    await becomes(a, toB, 'connected null');
    expect(pinsOf(a)).toEqual([first, shown]);
  });

  it('is amber when it suddenly shows no key, and connected when it shows the pinned one again', async () => {
    const { a, b, toB } = await linked();
    await pinned(a, await fingerprintOf(b));
    const downgraded = await restarted(b, { key: null });
    await becomes(a, toB, 'degraded key_missing');
    expect((await a.rpc.ask<KeyAnswer>(SHOWN_KEY, { peer_id: toB })).key).toBeNull();
    await restarted(downgraded, {});
    await becomes(a, toB, 'connected null');
    expect(pinsOf(a)).toHaveLength(1);
  });

  it('is amber when it names the pinned key and does not hold it', async () => {
    const { a, b, toB } = await linked();
    await pinned(a, await fingerprintOf(b));
    const { publicKey } = b.app.get(InstanceKeys);
    await restarted(b, { key: { publicKey: publicKey ?? '', privateKey: makeKeyPair().privateKey } });
    await becomes(a, toB, 'degraded key_unproven');
    expect((await a.rpc.ask<KeyAnswer>(SHOWN_KEY, { peer_id: toB })).key).toBeNull();
  });
});

it('does not pin the key of a third instance that a peer names', async () => {
  const third = makeKeyPair();
  const { a, toB } = await linked();
  const named = await start(new InstanceLog('inst-c'), { key: { publicKey: third.publicKey, privateKey: makeKeyPair().privateKey } });
  const toC = a.log.register('inst-c', named.url, SECRET);
  named.log.register('inst-a', a.url, SECRET);
  await becomes(a, toC, 'degraded key_unproven');
  expect(pinsOf(a)).not.toContain(keyFingerprint(third.publicKey));
  expect(statusOf(a, toB)).toBe('connected null');
});

it('says in a sentence what to ask and which command confirms a new key', () => {
  const said = (reason: 'key_changed' | 'key_missing' | 'key_unproven'): string => peerSentence(reason, { shown: 's-1', pinned: 'p-1' }, 0);
  expect(said('key_changed')).toMatch(/shows the instance key s-1, and p-1 is pinned.*peers pin <peer> --fingerprint s-1/);
  expect(said('key_missing')).toMatch(/shows no instance key, and p-1 is pinned/);
  expect(said('key_unproven')).toMatch(/s-1, and does not prove to hold it/);
});
