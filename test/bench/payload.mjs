const BYTES = 250;

/** The data of one event: 250 bytes as JSON. */
export function payload(thing_id, n) {
  const bare = JSON.stringify({ thing_id, n, note: '' });
  return { thing_id, n, note: 'x'.repeat(BYTES - bare.length) };
}
