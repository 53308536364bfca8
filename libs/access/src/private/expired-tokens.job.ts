import { Injectable } from '@nestjs/common';
import { LessThanOrEqual } from 'typeorm';
import type { Instant } from '@app/kernel';
import { PrivateTables } from '../adapters/postgres.adapter.js';
import { ServiceTokenRow } from './service-token.entity.js';

/** A row is kept so long after its token ended: the clocks of processes differ. */
const KEEP_MS = 24 * 3_600_000;

/** Removes the rows of tokens that expired, or whose overlap after a rotation is over. They open nothing, and the facts know them. */
@Injectable()
export class ExpiredTokensJob {
  readonly intervalMs = 3_600_000;
  readonly removesPrivateRows = true;

  constructor(private readonly tables: PrivateTables) {}

  async run(now: Instant): Promise<void> {
    const before = new Date(Date.parse(now) - KEEP_MS).toISOString() as Instant;
    await this.tables.ask((db) => db.delete(ServiceTokenRow, { expires_at: LessThanOrEqual(before) }));
  }
}
