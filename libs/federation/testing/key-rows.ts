import type { KeyPair } from '@app/config';
import type { InstanceKeyRows, OpenedKey } from '../src/peers/private/instance-key-rows.provider.js';

/** The rows of `private.instance_key` in memory, oldest first. */
export class MemoryKeyRows implements Pick<InstanceKeyRows, 'keep' | 'open' | 'oldest' | 'forget' | 'forgetAllBut'> {
  readonly rows = new Map<string, KeyPair>();
  /** Whether SECRETS_KEY is another one. */
  isSealed = false;
  /** Comes before each answer: to throw as the database does. */
  before: () => void = () => undefined;

  async keep(keyId: string, pair: KeyPair): Promise<void> {
    this.before();
    this.rows.set(keyId, pair);
  }

  async open(keyId: string): Promise<OpenedKey> {
    this.before();
    const row = this.rows.get(keyId);
    return row === undefined ? 'missing' : this.isSealed ? 'sealed' : row;
  }

  async oldest(): Promise<string | null> {
    this.before();
    return [...this.rows.keys()][0] ?? null;
  }

  async forget(keyId: string): Promise<void> {
    this.rows.delete(keyId);
  }

  async forgetAllBut(keyId: string): Promise<void> {
    for (const other of this.rows.keys()) if (other !== keyId) this.rows.delete(other);
  }
}
