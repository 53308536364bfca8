import type { IncomingMessage, Server } from 'node:http';
import { isIP } from 'node:net';
import { Ranges } from './ranges.js';

/** Maximum number of proxies in a row. Entries further to the left are not read. */
const MAX_PROXIES = 32;
/** Maximum length of an entry, characters: an IPv6 address with its zone and port. */
const MAX_ENTRY = 80;
/** Some proxies write the port as well: `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
const ENTRY = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+))(?::\d{1,5})?$/;
const MAPPED = /^::ffff:(?=\d+\.)/i;

/** The listener of each connection knows its proxies. A connection without a listener has none. */
const proxiesOf = new WeakMap<object, TrustedProxies>();

/**
 * The address of the client that sent a request: the one function for limits, records and logs by address. An address of IPv4 has one
 * spelling; '' when the connection has ended.
 */
export function addressOf({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): string {
  const sender = plain(socket.remoteAddress ?? '');
  const forwarded = headers['x-forwarded-for'];
  const proxies = proxiesOf.get(socket);
  if (forwarded === undefined || proxies === undefined) return sender;
  return proxies.clientBehind(sender, typeof forwarded === 'string' ? forwarded : forwarded.join());
}

/**
 * The proxies in front of one listener. Each proxy appends the address that it was asked from to X-Forwarded-For, so the header is read
 * from the right: the first address that is not a trusted proxy is the client's. Everything to its left is the client's own word.
 */
export class TrustedProxies {
  private readonly ranges: Ranges;

  /** Throws `RangeError` on what is no CIDR. */
  constructor(cidrs: readonly string[]) {
    this.ranges = new Ranges(cidrs);
  }

  /** Answers `addressOf` for the requests of this server. TLS is on top of a connection, and is a socket of its own. */
  watch(server: Server): this {
    const know = (socket: object): void => void proxiesOf.set(socket, this);
    server.on('connection', know).on('secureConnection', know);
    return this;
  }

  has(address: string): boolean {
    return this.ranges.has(withoutZone(address));
  }

  /** The header of a sender that is not trusted is ignored. Where an entry is no address, the proxy that wrote it counts as the client. */
  clientBehind(sender: string, forwarded: string): string {
    let client = sender;
    let end = forwarded.length;
    for (let read = 0; read < MAX_PROXIES && end > 0 && this.has(client); read++) {
      const begin = forwarded.lastIndexOf(',', end - 1) + 1;
      const next = addressIn(forwarded.slice(begin, end));
      if (next === null) break;
      client = next;
      end = begin - 1;
    }
    return client;
  }
}

/** null: the entry holds no address. */
function addressIn(entry: string): string | null {
  if (entry.length > MAX_ENTRY) return null;
  const text = entry.trim();
  const { v6, v4 } = ENTRY.exec(text)?.groups ?? {};
  const address = v6 ?? v4 ?? text;
  return isIP(address) === 0 ? null : plain(address);
}

const plain = (address: string): string => address.replace(MAPPED, '');
const withoutZone = (address: string): string => address.split('%', 1)[0] ?? '';
