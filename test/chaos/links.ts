import { setTimeout as delay } from 'node:timers/promises';
import { type MuteProxy, muteProxy } from '../../libs/event-store/testing/mute-proxy.js';

const DELAY_MS = 250;

/** The way of one process to one kind of server: a proxy for each server. */
export class Link {
  readonly ports: readonly number[];
  private readonly proxies: readonly MuteProxy[];

  private constructor(proxies: readonly MuteProxy[]) {
    this.proxies = proxies;
    this.ports = proxies.map(({ port }) => port);
  }

  static async to(urls: readonly string[]): Promise<Link> {
    return new Link(await Promise.all(urls.map((url) => muteProxy(url))));
  }

  /** Packets are dropped both ways; afterwards every connection is cut. */
  async dropFor(holdMs: number): Promise<void> {
    this.each((proxy) => proxy.isolate());
    await delay(holdMs);
    this.each((proxy) => proxy.unmute());
  }

  /** The server hears and is not heard; afterwards every connection is cut. */
  async halfOpenFor(holdMs: number): Promise<void> {
    this.each((proxy) => proxy.mute());
    await delay(holdMs);
    this.each((proxy) => proxy.unmute());
  }

  async delayFor(holdMs: number): Promise<void> {
    this.each((proxy) => proxy.delay(DELAY_MS));
    await delay(holdMs);
    this.each((proxy) => proxy.delay(0));
  }

  async reset(): Promise<void> {
    this.each((proxy) => proxy.reset());
  }

  async close(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }

  private each(change: (proxy: MuteProxy) => void): void {
    this.proxies.forEach(change);
  }
}
