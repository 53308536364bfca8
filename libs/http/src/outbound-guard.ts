import { type LookupAddress, lookup as askResolver } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import { type Endpoint, OwnEndpoints } from './own-endpoints.js';
import { Ranges } from './ranges.js';

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
const LOCALHOST = /^(?:.+\.)?localhost\.?$/i;

export interface OutboundRules {
  /** `10.20.0.0/16`, `fd12::/32`: reached although they are private. */
  readonly allowCidrs: readonly string[];
  /** Also reaches this machine itself, by loopback address or `localhost`, and over http as well. */
  readonly allowLoopbackHttp: boolean;
  /** Listeners and servers of this instance itself: never reached, by no other rule. */
  readonly own?: readonly Endpoint[];
}

export interface UrlDenied {
  readonly denied: 'not-a-url' | 'scheme' | 'userinfo' | 'fragment' | 'address' | 'own';
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
  private readonly own: OwnEndpoints;

  /** Throws `RangeError` on an `allowCidrs` entry that is no CIDR. */
  constructor(
    private readonly rules: OutboundRules,
    private readonly resolve: typeof askResolver = askResolver,
  ) {
    this.allowed = new Ranges(rules.allowCidrs);
    this.own = new OwnEndpoints(rules.own ?? []);
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
    if (isClosed) return { denied: 'address', because: `${host} is a private, local or reserved address` };
    const isOwn = this.own.has(host, portOf(url));
    return isOwn ? { denied: 'own', because: `port ${portOf(url)} there is a listener or a server of this instance itself` } : url;
  }

  /**
   * For the `lookup` of an http or https agent: like `dns.lookup`, without the addresses that are not reached. Node asks it for
   * names only; an address in a URL is for `check`.
   */
  readonly lookup: LookupFunction = (...asked) => this.lookUp(null, ...asked);

  /** The same for a connection to this port, without this instance's own listeners and servers. */
  readonly lookupAt =
    (port: number): LookupFunction =>
    (...asked) =>
      this.lookUp(port, ...asked);

  private lookUp(port: number | null, ...[hostname, options, callback]: Parameters<LookupFunction>): void {
    this.resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const isOwn = (address: string): boolean => port !== null && this.own.has(address, port);
      const open = found.filter(({ address }) => this.mayReach(address, hostname) && !isOwn(address));
      const [first] = open;
      if (first === undefined) return callback(new OutboundDenied(hostname, addressesOf(found)), []);
      return options.all === true ? callback(null, open) : callback(null, first.address, first.family);
    });
  }

  /** Loopback is open to who asks for it by name or number, not to any name that leads there. */
  private mayReach(address: string, host: string): boolean {
    return !this.denied.has(address) || this.allowed.has(address) || (this.loopback.has(address) && this.isOpenLoopback(host));
  }

  private isOpenLoopback(host: string): boolean {
    return this.rules.allowLoopbackHttp && (this.loopback.has(host) || LOCALHOST.test(host));
  }
}

export const portOf = ({ protocol, port }: URL): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port));

const addressesOf = (found: readonly LookupAddress[]): string[] => found.map(({ address }) => address);
