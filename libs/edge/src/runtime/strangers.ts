import { RateLimit } from '@app/kernel';
import type { TunnelTimes } from './times.js';

/** Maximum sockets that have not proved which agent they are, in total and of one network. Each has `handshakeMs` for its proof. */
export const MAX_STRANGERS = 1_000;
export const MAX_STRANGERS_OF_ONE = 100;
/** Shares of all handshakes that one network may begin without proof: at once, and a second. */
const BURST_SHARE = 0.5;
const RATE_SHARE = 0.1;
const MAX_NETWORKS = 10_000;
/** All handshakes together have one limit. */
const ALL = 'all';

/**
 * Bounds the sockets that have not proved which agent they are, and the handshakes that begin them. A network that never gives proof
 * leaves most of both to all others. A handshake that ends with proof is given back to its network, so a fleet behind one address
 * comes in as fast as agents of many addresses do.
 */
export class Strangers {
  private readonly handshakes: RateLimit;
  private readonly ofNetworks: RateLimit;
  private readonly networks = new Map<object, string>();
  private readonly counts = new Map<string, number>();

  constructor({ handshakesPerSecond }: Pick<TunnelTimes, 'handshakesPerSecond'>) {
    const share = (of: number): number => Math.max(1, handshakesPerSecond * of);
    this.handshakes = new RateLimit({ perSecond: handshakesPerSecond, burst: handshakesPerSecond, maxKeys: 1 });
    this.ofNetworks = new RateLimit({ perSecond: share(RATE_SHARE), burst: share(BURST_SHARE), maxKeys: MAX_NETWORKS });
  }

  /** Whether one more is within the total. */
  get hasCapacity(): boolean {
    return this.networks.size < MAX_STRANGERS;
  }

  /** Whether this network may begin one more handshake. One that may not counts nowhere: it spends nothing of the total. */
  begin(network: string, nowMs: number): boolean {
    if (!this.hasCapacity || (this.counts.get(network) ?? 0) >= MAX_STRANGERS_OF_ONE || !this.ofNetworks.wouldAdmit(network, nowMs))
      return false;
    return this.handshakes.admits(ALL, nowMs) && this.ofNetworks.admits(network, nowMs);
  }

  enter(socket: object, network: string): void {
    this.networks.set(socket, network);
    this.counts.set(network, (this.counts.get(network) ?? 0) + 1);
  }

  /** The socket has proved which agent it is. `isCounted`: its handshake counts all the same. */
  introduce(socket: object, nowMs: number, { isCounted }: { readonly isCounted: boolean }): void {
    const network = this.networks.get(socket);
    if (network !== undefined && !isCounted) this.ofNetworks.giveBack(network, nowMs);
    this.leave(socket);
  }

  /** Does nothing when the socket was introduced before. */
  leave(socket: object): void {
    const network = this.networks.get(socket);
    if (network === undefined) return;
    this.networks.delete(socket);
    const left = (this.counts.get(network) ?? 0) - 1;
    if (left > 0) this.counts.set(network, left);
    else this.counts.delete(network);
  }
}
