import { Inject, Injectable, Optional } from '@nestjs/common';
import { DataSource, Not } from 'typeorm';
import { type KeyPair, SealBroken, SecretBox, publicKeyOf } from '@app/config';
import type { Instant } from '@app/kernel';
import { InstanceKeyRow } from './instance-key.entity.js';

/** A private half that was opened; `missing`: there is no such row; `sealed`: there is, and it cannot be opened here. */
export type OpenedKey = { readonly publicKey: string; readonly privateKey: string } | 'missing' | 'sealed';

const nameOf = (keyId: string): string => `instance-key ${keyId}`;

/** Keeps the private half of the key of this instance, sealed. This class neither logs it nor puts it into an error. */
@Injectable()
export class InstanceKeyRows {
  constructor(
    private readonly db: DataSource,
    /** Absent in a process without SECRETS_KEY, which opens nothing. */
    @Optional() @Inject(SecretBox) private readonly box: SecretBox | null = null,
  ) {}

  async keep(keyId: string, { privateKey }: KeyPair): Promise<void> {
    if (this.box === null) throw new TypeError('a process without SECRETS_KEY makes no key');
    const row: InstanceKeyRow = {
      key_id: keyId,
      sealed: this.box.seal(privateKey, nameOf(keyId)),
      created_at: new Date().toISOString() as Instant,
    };
    await this.db.getRepository(InstanceKeyRow).insert(row);
  }

  /** Throws what the database throws. */
  async open(keyId: string): Promise<OpenedKey> {
    const row = await this.db.getRepository(InstanceKeyRow).findOne({ where: { key_id: keyId } });
    if (row === null) return 'missing';
    if (this.box === null) return 'sealed';
    try {
      const privateKey = this.box.open(row.sealed, nameOf(keyId));
      return { publicKey: publicKeyOf(privateKey), privateKey };
    } catch (error) {
      if (error instanceof SealBroken) return 'sealed';
      throw error;
    }
  }

  /** The oldest row, which a fact may not name yet; null: the table is empty. */
  async oldest(): Promise<string | null> {
    const [row] = await this.db.getRepository(InstanceKeyRow).find({ order: { created_at: 'ASC', key_id: 'ASC' }, take: 1 });
    return row?.key_id ?? null;
  }

  /** Removes a row; nothing when it is gone already. */
  async forget(keyId: string): Promise<void> {
    await this.db.getRepository(InstanceKeyRow).delete({ key_id: keyId });
  }

  async forgetAllBut(keyId: string): Promise<void> {
    await this.db.getRepository(InstanceKeyRow).delete({ key_id: Not(keyId) });
  }
}
