import type { Instant } from '@app/kernel';
import type { PublicAlias, PublicOptions } from './public-endpoint.js';

/** How an address that somebody used for this instance stands to its own. */
export type AddressCheck = 'own' | 'foreign' | { readonly endedAt: Instant };

/**
 * The addresses of this instance: PUBLIC_URL, and each alias until its end. Others sign for host and port, so that is what is compared:
 * `URL.host`, lower case, with the default port left out.
 */
export class OwnAddresses {
  readonly publicUrl: string;
  readonly aliases: readonly PublicAlias[];
  /** Of PUBLIC_URL. */
  readonly host: string;

  constructor({ publicUrl, aliases = [] }: PublicOptions) {
    this.publicUrl = publicUrl;
    this.aliases = aliases;
    this.host = new URL(publicUrl).host;
  }

  /** Hosts that are accepted at this moment, that of PUBLIC_URL first. */
  accepted(nowMs: number): string[] {
    return [this.host, ...this.aliases.filter(({ endsAt }) => Date.parse(endsAt) > nowMs).map(({ url }) => new URL(url).host)];
  }

  /** Hosts of aliases that ended. */
  ended(nowMs: number): string[] {
    const accepted = this.accepted(nowMs);
    return this.aliases.map(({ url }) => new URL(url).host).filter((host) => !accepted.includes(host));
  }

  check(host: string, nowMs: number): AddressCheck {
    if (this.accepted(nowMs).includes(host)) return 'own';
    const ended = this.aliases.findLast(({ url }) => new URL(url).host === host);
    return ended === undefined ? 'foreign' : { endedAt: ended.endsAt };
  }
}
