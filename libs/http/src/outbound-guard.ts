import { type LookupAddress, lookup as askResolver } from 'node:dns';
import { BlockList, type LookupFunction, isIP } from 'node:net';

/**
 * What no request of ours goes to unless it is allow-listed: everything that is only meant within a machine, a site or a cloud.
 * Of IPv6 only 2000::/3 is routed at all; within it, and beside it, stand the ranges that carry an IPv4 address inside
 * (64:ff9b:: NAT64, 2002:: 6to4, 2001:: Teredo), through which the IPv4 ranges could be reached.
 */
const DENIED = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.88.99.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  '168.63.129.16/32', // Azure's metadata address looks public.
  ...['::/3', '2001::/23', '2002::/16', '4000::/2', '8000::/1'],
];
const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const MAPPED = '::ffff:0:0/96';
const LOCALHOST = /^(?:.+\.)?localhost\.?$/i;

/** IPv4 and IPv6 apart: `BlockList` compares across them, and `::/3` would hold every IPv4 address. A mapped one is IPv4. */
class Ranges {
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

export interface OutboundRules {
  /** `10.20.0.0/16`, `fd12::/32`: reached although they are private. */
  readonly allowCidrs: readonly string[];
  /** Also reaches this machine itself, by loopback address or `localhost`, and over http as well. */
  readonly allowLoopbackHttp: boolean;
}

export interface UrlDenied {
  readonly denied: 'not-a-url' | 'scheme' | 'userinfo' | 'fragment' | 'address';
  /** A clause, for a sentence. Nothing of what may be secret in a URL is in it. */
  readonly because: string;
}

/** A name led only to addresses that are not reached. */
export class OutboundDenied extends Error {
  readonly code = 'http.outbound-denied';

  constructor(
    readonly hostname: string,
    readonly addresses: readonly string[],
  ) {
    super(`${hostname} is at ${addresses.join(', ')}, which outbound requests may not reach`);
  }
}

/**
 * Decides where requests go whose URL somebody else chose. A URL is checked by `check` at every use; what its name leads to, by
 * `lookup` at every connection, since a name can lead elsewhere the next time. Addresses are compared as numbers, after the
 * WHATWG parser has understood them: `0x7f.1`, `2130706433` and `[::ffff:7f00:1]` are all 127.0.0.1.
 */
export class OutboundGuard {
  private readonly denied = new Ranges(DENIED);
  private readonly loopback = new Ranges(LOOPBACK);
  private readonly allowed: Ranges;

  /** Throws `RangeError` on an `allowCidrs` entry that is no CIDR. */
  constructor(
    private readonly rules: OutboundRules,
    private readonly resolve: typeof askResolver = askResolver,
  ) {
    this.allowed = new Ranges(rules.allowCidrs);
  }

  /** The URL as it is to be used from here on, or why not. */
  check(text: string): URL | UrlDenied {
    const url = URL.parse(text);
    if (url === null || url.hostname === '') return { denied: 'not-a-url', because: 'it is not a URL with a host' };
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && this.isOpenLoopback(host)))
      return { denied: 'scheme', because: `it begins with ${url.protocol} and has to begin with https:` };
    if (url.username !== '' || url.password !== '') return { denied: 'userinfo', because: 'it carries a user name or a password' };
    if (url.href.includes('#')) return { denied: 'fragment', because: 'it carries a fragment (#)' };
    const isClosed = isIP(host) === 0 ? LOCALHOST.test(host) && !this.rules.allowLoopbackHttp : !this.mayReach(host, host);
    return isClosed ? { denied: 'address', because: `${host} is a private, local or reserved address` } : url;
  }

  /**
   * For the `lookup` of an http or https agent: like `dns.lookup`, without the addresses that are not reached. Node asks it for
   * names only; an address in a URL is for `check`.
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const open = found.filter(({ address }) => this.mayReach(address, hostname));
      const [first] = open;
      if (first === undefined) return callback(new OutboundDenied(hostname, addressesOf(found)), []);
      return options.all === true ? callback(null, open) : callback(null, first.address, first.family);
    });
  };

  /** Loopback is open to who asks for it by name or number, not to any name that leads there. */
  private mayReach(address: string, host: string): boolean {
    return !this.denied.has(address) || this.allowed.has(address) || (this.loopback.has(address) && this.isOpenLoopback(host));
  }

  private isOpenLoopback(host: string): boolean {
    return this.rules.allowLoopbackHttp && (this.loopback.has(host) || LOCALHOST.test(host));
  }
}

const addressesOf = (found: readonly LookupAddress[]): string[] => found.map(({ address }) => address);
