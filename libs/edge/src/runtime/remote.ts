import { BlockList } from 'node:net';
import type { Remote } from '../events/index.js';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const inner = new BlockList();
for (const [net, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  inner.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  inner.addSubnet(net, prefix, 'ipv6');

/** What kind of address somebody comes from. An address that cannot be read is none of ours. */
export function remoteOf(address: string | undefined): Remote {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const family = plain.includes(':') ? 'ipv6' : 'ipv4';
  try {
    if (loopback.check(plain, family)) return 'loopback';
    return inner.check(plain, family) ? 'private' : 'public';
  } catch {
    return 'public';
  }
}
