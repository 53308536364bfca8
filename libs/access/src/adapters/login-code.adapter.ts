import { type DataSource, LessThanOrEqual } from 'typeorm';
import type { Role } from '@app/http';
import type { Instant } from '@app/kernel';
import { LoginCodeRow } from '../private/login-code.entity.js';
import { hashOf, newSecret } from './secret.adapter.js';

const LOGIN_CODE_MS = 15 * 60_000;

/**
 * A new one-time login code of `role`, good for one session within 15 minutes of `now`. Only its hash is kept: what this answers is
 * to be shown and forgotten. Earlier codes stay good. `dataSource` knows the entities of this context, and its migrations have run.
 */
export async function newLoginCode(dataSource: DataSource, { role, now }: { role: Role; now: Date }): Promise<string> {
  const code = newSecret('login');
  const instant = (ms: number): Instant => new Date(ms).toISOString() as Instant;
  await dataSource.transaction(async (tx) => {
    await tx.delete(LoginCodeRow, { expires_at: LessThanOrEqual(instant(now.getTime())) });
    await tx.insert(LoginCodeRow, { hash: hashOf(code), role, expires_at: instant(now.getTime() + LOGIN_CODE_MS), used_at: null });
  });
  return code;
}
