import type { NewPeer } from '../contract.js';

/** What can be told of a new peer before it is sent, all at once; whether its URL may be reached is the server's to say. */
export function troublesOf(
  peer: Pick<NewPeer, 'remote_peer_id' | 'label' | 'url'>,
): Partial<Record<'remote_peer_id' | 'label' | 'url', string>> {
  return {
    ...(!/^[\w-]{1,64}$/.test(peer.remote_peer_id) && {
      remote_peer_id:
        peer.remote_peer_id === '' ? 'Give the instance id of the other side.' : 'The remote peer id has 1 to 64 of A-Z a-z 0-9 _ -.',
    }),
    ...(peer.label === '' && { label: 'Give it a label.' }),
    ...(!/^https?:\/\/[^/]/.test(peer.url) || URL.parse(peer.url) === null
      ? { url: peer.url === '' ? 'Give the public URL of the other side.' : 'The URL begins with https:// and names a host.' }
      : {}),
  };
}
