import type { MigrationInterface, QueryRunner } from 'typeorm';

export class InstanceKey1796083200000 implements MigrationInterface {
  readonly name = 'InstanceKey1796083200000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE SCHEMA IF NOT EXISTS private');
    await db.query(`
      CREATE TABLE private.instance_key (
        key_id     text PRIMARY KEY,
        sealed     text NOT NULL,
        created_at text NOT NULL
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE private.instance_key');
  }
}
