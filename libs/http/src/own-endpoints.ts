import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Ranges } from './ranges.js';

/** Where something listens; the host is a name, or an address without brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

const LOCALHOST = /^(?:.+\.)?localhost\.?$/i;
/** Loopback, and the addresses that mean every address of this machine. */
const ALWAYS_HERE = ['127.0.0.0/8', '::1/128', '0.0.0.0/32', '::/128'];

/**
 * The listeners and servers of this instance, to which no request of another may be led. Every address of this machine counts as each other
 * one: a server that listens on loopback is also reached by other spellings of it, and one that listens on all addresses by all of them.
 */
export class OwnEndpoints {
  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly interfaces: typeof networkInterfaces = networkInterfaces,
  ) {}

  /** `host`: a name, or an address without brackets. */
  has(host: string, port: number): boolean {
    const found = this.endpoints.filter((endpoint) => endpoint.port === port);
    if (found.length === 0) return false;
    const here = this.here();
    const isHere = (name: string): boolean => LOCALHOST.test(name) || here.has(name);
    return found.some((endpoint) => nameOf(endpoint.host) === nameOf(host) || (isHere(endpoint.host) && isHere(host)));
  }

  /** Asked at each use: an address comes with a network that comes later. */
  private here(): Ranges {
    const addresses = Object.values(this.interfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
    return new Ranges([
      ...ALWAYS_HERE,
      ...addresses.map((address) => (isIP(address) === 4 ? `${address}/32` : `${address.split('%', 1)[0]}/128`)),
    ]);
  }
}

const nameOf = (host: string): string => host.toLowerCase().replace(/\.$/, '');
