import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, LessThan, MoreThan } from 'typeorm';
import { SecretBox } from '@app/config';
import type { Instant } from '@app/kernel';
import { originOf } from '../same-origin.js';
import { fingerprintOf } from '../../peers/ports.js';
import { RouteCredentialRow } from './route-credential.entity.js';

/** A row as far as it may be looked at. */
export type KeptCredential = Pick<RouteCredentialRow, 'credential_id' | 'rule_id'>;

/**
 * Keeps the credentials of routing rules, sealed. A value is sealed under the origin of its target as well, so that it can be opened for no
 * other, whatever a rule says. This class neither logs a value nor puts one into an error.
 */
@Injectable()
export class RouteCredentials {
  constructor(
    private readonly db: DataSource,
    private readonly box: SecretBox,
  ) {}

  /** Stores a value. Each call makes a row of its own: whoever stored it may remove it again and harm no other. */
  async keep(ruleId: string, targetUrl: string, value: string): Promise<{ credential_id: string; fingerprint: string }> {
    const credential_id = randomUUID();
    const fingerprint = await fingerprintOf(value);
    const row: RouteCredentialRow = {
      credential_id,
      rule_id: ruleId,
      sealed: this.box.seal(value, sealedAs(credential_id, targetUrl)),
      created_at: new Date().toISOString() as Instant,
    };
    await this.db.getRepository(RouteCredentialRow).insert(row);
    return { credential_id, fingerprint };
  }

  /** The value, for a request to this target; null: there is no such row. Throws `SealBroken`, also for a target of another origin. */
  async reveal(credentialId: string, targetUrl: string): Promise<string | null> {
    const where = { credential_id: credentialId };
    const row = await this.db.getRepository(RouteCredentialRow).findOne({ select: { sealed: true }, where });
    return row === null ? null : this.box.open(row.sealed, sealedAs(credentialId, targetUrl));
  }

  /** Removes a row; nothing when it is gone already. */
  async forget(credentialId: string): Promise<void> {
    await this.db.getRepository(RouteCredentialRow).delete({ credential_id: credentialId });
  }

  /** Removes all rows of a rule that is gone. */
  async forgetOf(ruleId: string): Promise<void> {
    await this.db.getRepository(RouteCredentialRow).delete({ rule_id: ruleId });
  }

  /** At most `limit` rows stored before an instant, in order of their ids, after the one given. */
  async keptBefore(before: Instant, after: string, limit: number): Promise<KeptCredential[]> {
    return this.db.getRepository(RouteCredentialRow).find({
      select: { credential_id: true, rule_id: true },
      where: { created_at: LessThan(before), credential_id: MoreThan(after) },
      order: { credential_id: 'ASC' },
      take: limit,
    });
  }
}

const sealedAs = (credentialId: string, targetUrl: string): string => `${credentialId} for ${originOf(targetUrl)}`;
