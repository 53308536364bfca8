const BYTES = 250;

/** The data of one event: 250 bytes as JSON. */
export function payload(item_id, n) {
  const bare = JSON.stringify({ item_id, n, note: '' });
  return { item_id, n, note: 'x'.repeat(BYTES - bare.length) };
}
