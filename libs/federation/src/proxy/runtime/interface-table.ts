/** The real URL by what stands for it in a card. */
export type Interfaces = ReadonlyMap<string, string>;

const MAX_OWNERS = 1_024;
/** A card may differ by the version of A2A that is asked for; what stands for a URL does not. */
export const CARD_VERSIONS = ['1.0', '0.3'] as const;
export type CardVersion = (typeof CARD_VERSIONS)[number];

/**
 * Remembers where the interfaces of agents are, as their cards last said. What stands for a URL is derived from it, so whoever forgets
 * reads the cards again, and finds the same.
 */
export class InterfaceTable<Failure> {
  private readonly owners = new Map<string, Map<CardVersion, Interfaces>>();

  /** An owner is whoever serves the card. Its last card of a version replaces the one before. */
  remember(owner: string, version: CardVersion, interfaces: Interfaces): void {
    const cards = this.owners.get(owner) ?? new Map<CardVersion, Interfaces>();
    this.owners.delete(owner); // So that the first is always the one that was read longest ago.
    this.owners.set(owner, cards.set(version, interfaces));
    const [oldest] = this.owners.keys();
    if (this.owners.size > MAX_OWNERS && oldest !== undefined) this.owners.delete(oldest);
  }

  /** The URL, `undefined` when no card of the owner names it, or the failure of `read`, which reads a card and remembers it. */
  async find(
    owner: string,
    key: string,
    read: (version: CardVersion) => Promise<Failure | undefined>,
  ): Promise<{ readonly url: string | undefined } | { readonly failure: Failure }> {
    let found = this.known(owner, key);
    let failure: Failure | undefined;
    for (const version of CARD_VERSIONS) {
      if (found !== undefined) break;
      failure ??= await read(version);
      found = this.known(owner, key);
    }
    return found === undefined && failure !== undefined ? { failure } : { url: found };
  }

  private known(owner: string, key: string): string | undefined {
    for (const interfaces of this.owners.get(owner)?.values() ?? []) {
      const url = interfaces.get(key);
      if (url !== undefined) return url;
    }
    return undefined;
  }
}
