import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './network-of.js';

/** Connections at a time. */
export interface Bounds {
  readonly total: number;
  /** Of one network: an address of IPv4, a /64 of IPv6. */
  readonly perAddress: number;
}

interface Held {
  readonly socket: Socket;
  /** Whether a request came over it whose caller was known. */
  isKnown: boolean;
  /** Requests that are not answered yet. */
  readonly open: Set<IncomingMessage>;
}

/**
 * Bounds the connections of a server, in total and by address. One more of an address that has its share closes the one of that address
 * that can best be spared, in this order:
 *
 *   idle, of a stranger       no request, or not all of its headers; the oldest first
 *   slow, of a stranger       the body of its request is not here
 *   idle, of somebody known   a browser opens another when it needs one
 *
 * Where none can be spared, and past the total, the new one is closed.
 */
export class ConnectionBound {
  /** By network, then by port of the far end. A connection that became idle moves to the end. */
  private readonly networks = new Map<string, Map<number, Held>>();
  private total = 0;

  /** `isProxy`: whether many clients come from this address. Its connections count in the total only. */
  constructor(
    private readonly bounds: Bounds,
    private readonly isProxy: (address: string) => boolean = () => false,
  ) {}

  /** Counts each connection before TLS, so that a handshake takes a place. */
  watch(server: Server): this {
    server.on('connection', (socket: Socket) => this.admit(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.begin(request, response));
    return this;
  }

  /** Its caller is known: among the connections of one address it is closed last. */
  trust(socket: Socket): void {
    const held = this.find(socket);
    if (held !== undefined) held.isKnown = true;
  }

  /** Somebody else has taken it over, to bound and to end. */
  release(socket: Socket): void {
    this.remove(placeOf(socket));
  }

  private admit(socket: Socket): void {
    const place = placeOf(socket);
    const ofOne = this.networks.get(place.network);
    if (ofOne !== undefined && ofOne.size >= this.bounds.perAddress && !this.isProxy(socket.remoteAddress ?? '')) {
      const port = spared(ofOne);
      if (port === undefined) return void socket.destroy();
      ofOne.get(port)?.socket.destroy();
      this.remove({ ...place, port });
    }
    if (this.total >= this.bounds.total) return void socket.destroy();
    const held = { socket, isKnown: false, open: new Set<IncomingMessage>() };
    this.networks.set(place.network, (this.networks.get(place.network) ?? new Map<number, Held>()).set(place.port, held));
    this.total++;
    socket.once('close', () => this.remove(place, held));
  }

  private begin(request: IncomingMessage, response: ServerResponse): void {
    const held = this.find(request.socket);
    if (held === undefined) return;
    const { network, port } = placeOf(request.socket);
    held.open.add(request);
    response.once('close', () => {
      held.open.delete(request);
      const ofOne = this.networks.get(network);
      if (ofOne?.get(port) === held && ofOne.delete(port)) ofOne.set(port, held);
    });
  }

  private find(socket: Socket): Held | undefined {
    const { network, port } = placeOf(socket);
    return this.networks.get(network)?.get(port);
  }

  /** `only`: unless another has the place by now. */
  private remove({ network, port }: Place, only?: Held): void {
    const ofOne = this.networks.get(network);
    const held = ofOne?.get(port);
    if (ofOne === undefined || held === undefined || (only !== undefined && only !== held)) return;
    ofOne.delete(port);
    if (ofOne.size === 0) this.networks.delete(network);
    this.total--;
  }
}

interface Place {
  readonly network: string;
  readonly port: number;
}

/** The same of a socket and of the TLS on top of it. */
const placeOf = ({ remoteAddress = '', remotePort = 0 }: Socket): Place => ({ network: networkOf(remoteAddress), port: remotePort });

/** The port of the connection that can best be spared. */
function spared(ofOne: ReadonlyMap<number, Held>): number | undefined {
  let best: { readonly port: number; readonly rank: number } | undefined;
  for (const [port, held] of ofOne) {
    const rank = rankOf(held);
    if (rank === 0) return port;
    if (rank < (best?.rank ?? Infinity)) best = { port, rank };
  }
  return best?.port;
}

/** Infinity: an answer is under way. */
function rankOf({ isKnown, open }: Held): number {
  if (open.size === 0) return isKnown ? 2 : 0;
  return !isKnown && [...open].every(({ complete }) => !complete) ? 1 : Infinity;
}
