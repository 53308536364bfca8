import { InstanceKey, type KeyPair, signText } from '@app/config';

/** The key of an instance that does not change; null: it is of a release without instance keys. */
export class FixedKey extends InstanceKey {
  readonly isKnown = true;
  readonly known = Promise.resolve();

  constructor(private readonly pair: KeyPair | null = null) {
    super();
  }

  get publicKey(): string | null {
    return this.pair?.publicKey ?? null;
  }

  sign(text: string): string | null {
    return this.pair === null ? null : signText(this.pair.privateKey, text);
  }
}
