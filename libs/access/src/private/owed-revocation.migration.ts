import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OwedRevocation1780272060000 implements MigrationInterface {
  readonly name = 'OwedRevocation1780272060000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE SCHEMA IF NOT EXISTS private');
    await db.query('CREATE TABLE private.owed_revocation (token_id text PRIMARY KEY, actor text NOT NULL, command_id text NOT NULL)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE private.owed_revocation');
  }
}
