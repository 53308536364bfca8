import { BlockList, isIP } from 'node:net';

const MAPPED = '::ffff:0:0/96';

/** IPv4 and IPv6 apart: `BlockList` compares across them, and `::/3` would hold every IPv4 address. A mapped one is IPv4. */
export class Ranges {
  private readonly v4 = new BlockList();
  private readonly v6 = new BlockList();
  private readonly mapped = new BlockList();

  /** Throws `RangeError` on what is no CIDR. */
  constructor(cidrs: readonly string[]) {
    add(this.mapped, MAPPED);
    for (const cidr of cidrs) add(isIP(cidr.split('/')[0] ?? '') === 4 ? this.v4 : this.v6, cidr);
  }

  /** Whether it is within; false for what is no address. */
  has(address: string): boolean {
    if (isIP(address) === 4) return this.v4.check(address, 'ipv4');
    if (isIP(address) !== 6) return false;
    return this.mapped.check(address, 'ipv6') ? this.v4.check(address, 'ipv6') : this.v6.check(address, 'ipv6');
  }
}

function add(list: BlockList, cidr: string): void {
  const [net = '', prefix = '', ...rest] = cidr.split('/');
  const family = isIP(net) === 4 ? 'ipv4' : 'ipv6';
  const isCidr = isIP(net) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 'ipv4' ? 32 : 128) && rest.length === 0;
  if (!isCidr) throw new RangeError(`not a CIDR like 10.20.0.0/16: ${cidr}`);
  list.addSubnet(net, Number(prefix), family);
}
