import type { MigrationInterface, QueryRunner } from 'typeorm';

// Instants are text of one form; COLLATE "C" compares them as JavaScript does.
export class JoinToken1770508800000 implements MigrationInterface {
  readonly name = 'JoinToken1770508800000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE SCHEMA IF NOT EXISTS private');
    await db.query(`
      CREATE TABLE private.edge_join_token (
        join_token_id text PRIMARY KEY,
        hash          text NOT NULL UNIQUE,
        expires_at    text COLLATE "C" NOT NULL
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE private.edge_join_token');
  }
}
