import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When a stream was restored from a backup and not accepted since. */
export class LogRestoredMigration1780272090000 implements MigrationInterface {
  readonly name = 'LogRestoredMigration1780272090000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE private.log_identity ADD COLUMN restored_at text COLLATE "C"');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE private.log_identity DROP COLUMN restored_at');
  }
}
