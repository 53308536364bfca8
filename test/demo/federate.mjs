const CONNECTED_MS = 60_000;

/**
 * Registers each of two instances at the other, over a secret that the first makes.
 * @returns {Promise<{ first: string, second: string }>} the id that each has at the other
 */
export async function federate(first, second) {
  const there = { remote_peer_id: second.id, label: labelOf(second), url: second.publicUrl };
  const added = await first.call('POST', 'peers', there);
  const here = { remote_peer_id: first.id, label: labelOf(first), url: first.publicUrl, outbound_secret: added.outbound_secret };
  return { second: added.peer_id, first: (await second.call('POST', 'peers', here)).peer_id };
}
const labelOf = ({ name }) => `${name[0].toUpperCase()}${name.slice(1)}`;

/** Resolves when an instance shows a peer connected. */
export const connected = (instance, peerId, signal) =>
  until(
    async () => (await instance.call('GET', `peers/${peerId}`)).data,
    ({ status }) => status === 'connected',
    CONNECTED_MS,
    `${instance.name} shows its peer connected`,
    signal,
  );

/** Looks until it fits, and answers what it saw; throws with that when it takes too long. */
export async function until(look, fits, timeoutMs, what, signal) {
  const late = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (fits(seen)) return seen;
    if (performance.now() > late)
      throw new Error(`not within ${timeoutMs / 1000} s: ${what}; last: ${JSON.stringify(seen)?.slice(0, 1_000)}`);
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 250)); // Between two looks at a page.
  }
}
