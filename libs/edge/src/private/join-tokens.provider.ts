import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import type { Instant } from '@app/kernel';
import type { JoinTokenId, JoinTokenIssued } from '../events/index.js';
import { JoinTokenRow } from './join-token.entity.js';

/** Keeps the hashes of join tokens. A token itself it neither keeps nor logs. Throws what TypeORM throws when PostgreSQL does not answer. */
@Injectable()
export class JoinTokens {
  constructor(private readonly db: DataSource) {}

  /** Keeps a token of which there is no fact yet, in place of one that a broken request left. */
  async keep({ join_token_id, expires_at }: Pick<JoinTokenIssued, 'join_token_id' | 'expires_at'>, token: string): Promise<void> {
    await this.db.getRepository(JoinTokenRow).upsert({ join_token_id, hash: hashOf(token), expires_at }, ['join_token_id']);
  }

  /** Gives a join token another secret; whether there was such a one. */
  async replace(joinTokenId: string, token: string): Promise<boolean> {
    const { affected } = await this.db.getRepository(JoinTokenRow).update({ join_token_id: joinTokenId }, { hash: hashOf(token) });
    return affected === 1;
  }

  /** Which token this is; null: none of ours. How long a lookup takes tells of the hash, which nobody can steer. */
  async idOf(token: string): Promise<JoinTokenId | null> {
    const row = await this.db.getRepository(JoinTokenRow).findOneBy({ hash: hashOf(token) });
    return (row?.join_token_id ?? null) as JoinTokenId | null;
  }

  /** Removes a row unless it was given another secret meanwhile. */
  async forget(joinTokenId: string, token: string): Promise<void> {
    await this.db.getRepository(JoinTokenRow).delete({ join_token_id: joinTokenId, hash: hashOf(token) });
  }

  async forgetExpired(before: Instant): Promise<void> {
    await this.db.getRepository(JoinTokenRow).delete({ expires_at: LessThan(before) });
  }
}

/** Of 256 random bits, with the prefix by which people, scanners of leaked secrets and the agent know it. */
export const newJoinToken = (): string => `cbj_${randomBytes(32).toString('base64url')}`;
const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
