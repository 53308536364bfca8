import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row for each stream whose history is kept: what `LogMarks` holds of it. */
export class LogIdentityMigration1780272000000 implements MigrationInterface {
  readonly name = 'LogIdentityMigration1780272000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE SCHEMA IF NOT EXISTS private');
    await db.query(`
      CREATE TABLE private.log_identity (
        stream           text PRIMARY KEY,
        instance_id      text NOT NULL,
        incarnation      text NOT NULL,
        begins_after     bigint NOT NULL DEFAULT 0,
        mark_sequence    bigint NOT NULL DEFAULT 0,
        mark_stored_at   text,
        mark_message     text,
        state            text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'rewound', 'accepting')),
        trouble_code     text,
        trouble_detail   text,
        trouble_end      bigint,
        next_incarnation text,
        accepted_at      text COLLATE "C"
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE private.log_identity');
  }
}
