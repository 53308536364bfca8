import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RouteCredential1782864000000 implements MigrationInterface {
  readonly name = 'RouteCredential1782864000000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE SCHEMA IF NOT EXISTS private');
    await db.query(`
      CREATE TABLE private.route_credential (
        credential_id text PRIMARY KEY,
        rule_id       text NOT NULL,
        sealed        text NOT NULL,
        created_at    text NOT NULL
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE private.route_credential');
  }
}
