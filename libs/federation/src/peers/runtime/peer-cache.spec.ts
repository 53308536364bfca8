import { Logger } from '@nestjs/common';
import { MemoryLog } from '@app/event-store/testing';
import { type NewEvent, asId, newEvent } from '@app/kernel';
import { labelled, registered, removed, suspended, verified } from '../../../testing/index.js';
import { type PeerId, PeerRegistered } from '../events/index.js';
import type { PeerSecrets } from '../private/peer-secrets.provider.js';
import { PeerCache } from './peer-cache.provider.js';

/** A book of the peers in a log, and a vault that counts who looks. */
function cacheOf(log = new MemoryLog()) {
  const looked: string[] = [];
  const vault = { reveal: async (id: string): Promise<string | null> => (looked.push(id), `secret of ${id}`) };
  const peers = new PeerCache(log.subscription, vault as PeerSecrets);
  const began = peers.onApplicationBootstrap();
  const say = (...facts: NewEvent[]): void => log.add(...facts);
  return { peerCache: peers, began, say, looked, vault };
}

it('follows the facts of peers, and says when it knows all that there were', async () => {
  const log = new MemoryLog();
  log.add(registered, verified);
  log.isHeldBack = true;
  const { peerCache: cache, began, say } = cacheOf(log);
  log.tell(1);
  expect([cache.get('peer-lisbon')?.lifecycle, cache.isCaughtUp]).toEqual(['pending', false]);
  log.tell();
  await Promise.all([began, cache.caughtUp]);
  expect([cache.get('peer-lisbon')?.lifecycle, cache.isCaughtUp]).toEqual(['active', true]);
  cache.onModuleDestroy();
  log.isHeldBack = false;
  say(removed);
  expect(cache.get('peer-lisbon')?.lifecycle).toBe('active');
});

it('knows that it does not know who there is, once it can hear no more', async () => {
  Logger.overrideLogger(false); // It tells of that.
  const log = new MemoryLog();
  const { peerCache: peers, began } = cacheOf(log);
  await began;
  expect([peers.isCaughtUp, peers.isLost]).toEqual([true, false]);
  log.lose();
  expect([peers.isCaughtUp, peers.isLost]).toEqual([false, true]);
});

it('refuses a peer of which a message cannot be read, knows all others, and knows it again when the message is voided', async () => {
  const said: string[] = [];
  Logger.overrideLogger({ log: () => undefined, warn: () => undefined, error: (words) => void said.push(words) });
  const log = new MemoryLog();
  const other = newEvent(PeerRegistered, { ...registered.data, peer_id: asId<PeerId>('peer-porto'), remote_peer_id: 'inst-porto' });
  log.add(registered, verified, other);
  const { peerCache: peers, began, say } = cacheOf(log);
  await began;
  const changed: string[] = [];
  peers.onChange((peerId) => void changed.push(peerId));
  log.unreadable.add(4);
  say(labelled);
  expect([peers.get('peer-lisbon'), peers.byRemoteId('inst-7f3q'), await peers.secretOf('peer-lisbon')]).toEqual([
    undefined,
    undefined,
    null,
  ]);
  expect([peers.get('peer-porto')?.peer_id, peers.isCaughtUp, changed]).toEqual(['peer-porto', true, ['peer-lisbon']]);
  expect(said).toEqual([expect.stringMatching(/^Refuses peer peer-lisbon until the message at 4 is voided/)]);
  say(suspended);
  expect(peers.get('peer-lisbon')).toBeUndefined();
  log.void(4);
  expect(peers.get('peer-lisbon')).toMatchObject({ lifecycle: 'suspended', label: registered.data.label });
});

it('refuses a peer of which a newer release wrote, from the start and from then on', async () => {
  Logger.overrideLogger(false); // It tells of that.
  const log = new MemoryLog();
  log.unknown.add('federation.peer.adorned');
  log.add(registered, { ...registered, type: 'federation.peer.adorned' });
  const { peerCache: peers, began } = cacheOf(log);
  await began;
  expect([peers.isCaughtUp, peers.get('peer-lisbon')]).toEqual([true, undefined]);
});

it('finds a peer by either id, until it is removed', () => {
  const { peerCache: peers, say } = cacheOf();
  say(registered, verified);
  expect([peers.get('peer-lisbon')?.lifecycle, peers.byRemoteId('inst-7f3q')?.peer_id, peers.all().length]).toEqual([
    'active',
    'peer-lisbon',
    1,
  ]);
  say(removed);
  expect([peers.get('peer-lisbon'), peers.byRemoteId('inst-7f3q'), peers.all().length]).toEqual([undefined, undefined, 0]);
});

it('finds the peer an instance is now, when it was another before', () => {
  const { peerCache: peers, say } = cacheOf();
  const anew = { ...registered, data: { ...registered.data, peer_id: 'peer-anew' as never } };
  say(registered, removed, anew);
  say({ ...removed }); // Said again of the one that is no more.
  expect(peers.byRemoteId('inst-7f3q')?.peer_id).toBe('peer-anew');
});

it('tells of each change, until nobody listens', () => {
  const { peerCache: peers, say } = cacheOf();
  const heard: string[] = [];
  const end = peers.onChange((peerId) => heard.push(`${peerId} ${peers.get(peerId)?.label ?? 'gone'}`));
  say(registered, labelled, removed);
  end();
  say(registered);
  expect(heard).toEqual(['peer-lisbon Lisbon, second hall', 'peer-lisbon Lisbon, third hall', 'peer-lisbon gone']);
});

describe('the secret of a peer', () => {
  it('is read once, also when many ask at once', async () => {
    const { peerCache: peers, say, looked } = cacheOf();
    say(registered);
    const [one, other] = await Promise.all([peers.secretOf('peer-lisbon'), peers.secretOf('peer-lisbon')]);
    expect([one, other, looked]).toEqual([`secret of ${registered.data.secret_id}`, one, [registered.data.secret_id]]);
  });

  it('is read anew when it could not be read, or was not there', async () => {
    const { peerCache: peers, say, vault } = cacheOf();
    say(registered);
    vault.reveal = () => Promise.reject(new Error('the database does not answer'));
    await expect(peers.secretOf('peer-lisbon')).rejects.toThrow('does not answer');
    vault.reveal = async () => null;
    expect(await peers.secretOf('peer-lisbon')).toBeNull();
    vault.reveal = async () => 'here it is';
    expect(await peers.secretOf('peer-lisbon')).toBe('here it is');
  });

  it('is forgotten with the peer', async () => {
    const { peerCache: peers, say, looked } = cacheOf();
    say(registered);
    await peers.secretOf('peer-lisbon');
    say(removed);
    expect(await peers.secretOf('peer-lisbon')).toBeNull();
    say({ ...registered, data: { ...registered.data, secret_id: 'another' } });
    expect(await peers.secretOf('peer-lisbon')).toBe('secret of another');
    expect(looked).toHaveLength(2);
  });
});
