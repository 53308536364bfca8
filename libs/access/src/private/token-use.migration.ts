import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens from before count as used: nobody knows, and a secret in use must not be replaced. */
export class TokenUse1796083200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE private.service_token ADD COLUMN used_at text COLLATE "C"');
    await runner.query(`UPDATE private.service_token SET used_at = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE private.service_token DROP COLUMN used_at');
  }
}
