/** As the WHATWG parser writes a host, so that each address has one spelling left. */
const LOOPBACK = /^(?:(?:.+\.)?localhost\.?|127\.\d+\.\d+\.\d+|\[::1\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\])$/i;

/**
 * The origin that a URL is of, for a comparison. All names of loopback are one: an agent on this machine calls itself `localhost` in its card
 * where the rule says `127.0.0.1`.
 */
export function originOf(text: string): string {
  const { protocol, hostname, port, origin } = new URL(text);
  return LOOPBACK.test(hostname) ? `${protocol}//loopback:${port || (protocol === 'https:' ? '443' : '80')}` : origin;
}

export const isSameOrigin = (one: string, other: string): boolean => originOf(one) === originOf(other);
