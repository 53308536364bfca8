import { isIPv6 } from 'node:net';

const V4_WITHIN = /^::(?:ffff:)?(?<v4>\d+\.\d+\.\d+\.\d+)$/i;
const GROUPS = 8;
/** The first four groups, 64 bits, are given out as a whole: what follows each machine chooses, and may choose anew for each connection. */
const GIVEN_OUT = 4;

/** Which addresses are one's to choose from, as one name: of IPv4 the address itself, of IPv6 its /64. */
export function networkOf(address: string): string {
  const { v4 } = V4_WITHIN.exec(address)?.groups ?? {};
  if (v4 !== undefined || !isIPv6(address)) return v4 ?? address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::');
  const [before, after] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':'))) as [string[], string[]];
  const zeros = Array<string>(tail === undefined ? 0 : Math.max(0, GROUPS - before.length - after.length)).fill('0');
  const groups = [...before, ...zeros, ...after].slice(0, GIVEN_OUT);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
