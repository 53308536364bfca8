import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ServiceProbe1767830400000 implements MigrationInterface {
  readonly name = 'ServiceProbe1767830400000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE SCHEMA IF NOT EXISTS private');
    await db.query('CREATE TABLE private.service_probe (prober text PRIMARY KEY, written_at text NOT NULL)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE private.service_probe');
  }
}
