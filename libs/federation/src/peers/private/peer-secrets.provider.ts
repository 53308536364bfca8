import { randomBytes, randomUUID, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, LessThan, MoreThan } from 'typeorm';
import { SecretBox } from '@app/config';
import type { Instant } from '@app/kernel';
import type { PeerId } from '../events/index.js';
import { PeerSecret } from './peer-secret.entity.js';

/** What facts say of a secret. */
export interface SecretReference {
  readonly secret_id: string;
  readonly secret_version: number;
  readonly secret_fingerprint: string;
}

/** A row as far as it may be looked at. */
export type KeptSecret = Pick<PeerSecret, 'secret_id' | 'peer_id'>;

/** Keeps the secrets of peers, sealed. What it is given it never logs, and puts into no error. */
@Injectable()
export class PeerSecrets {
  constructor(
    private readonly db: DataSource,
    private readonly box: SecretBox,
  ) {}

  /** Stores a peer's first secret. A row of its own at every call: whoever stored it may remove it again and harm nobody. */
  async keep(peerId: PeerId, secret: string): Promise<SecretReference> {
    const secretId = randomUUID();
    const row: PeerSecret = {
      secret_id: secretId,
      peer_id: peerId,
      version: 1,
      sealed: this.box.seal(secret, secretId),
      fingerprint: await fingerprintOf(secret),
      created_at: new Date().toISOString() as Instant,
    };
    await this.db.getRepository(PeerSecret).insert(row);
    return { secret_id: secretId, secret_version: row.version, secret_fingerprint: row.fingerprint };
  }

  /** A secret, opened, for whoever signs with it; null: there is no such row. Throws `SealBroken`. */
  async reveal(secretId: string): Promise<string | null> {
    const row = await this.db.getRepository(PeerSecret).findOne({ select: { sealed: true }, where: { secret_id: secretId } });
    return row === null ? null : this.box.open(row.sealed, secretId);
  }

  /** Removes a row; nothing when it is gone already. */
  async forget(secretId: string): Promise<void> {
    await this.db.getRepository(PeerSecret).delete({ secret_id: secretId });
  }

  /** At most `limit` rows stored before an instant, in order of their ids, after the one given. */
  async keptBefore(before: Instant, after: string, limit: number): Promise<KeptSecret[]> {
    return this.db.getRepository(PeerSecret).find({
      select: { secret_id: true, peer_id: true },
      where: { created_at: LessThan(before), secret_id: MoreThan(after) },
      order: { secret_id: 'ASC' },
      take: limit,
    });
  }
}

/** 32 random bytes, with the prefix by which secret scanners and people know it. */
export const makeSecret = (): string => `cbfs_${randomBytes(32).toString('base64url')}`;

const derive = promisify<string, string, number, Buffer>(scrypt);

/**
 * The same on both sides for the same secret, so without a salt of its own. Facts are read by many and kept for ever, and a given
 * secret may be a pass phrase: each guess at it must cost what scrypt costs.
 */
export async function fingerprintOf(secret: string): Promise<string> {
  const digits = (await derive(secret, 'cbfs-fingerprint-v1', 8)).toString('hex');
  return digits.match(/.{4}/g)?.join('-') ?? '';
}
