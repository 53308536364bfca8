import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PeerSecret1767225600000 implements MigrationInterface {
  readonly name = 'PeerSecret1767225600000';

  async up(db: QueryRunner): Promise<void> {
    await db.query('CREATE SCHEMA IF NOT EXISTS private');
    await db.query(`
      CREATE TABLE private.peer_secret (
        secret_id   text    PRIMARY KEY,
        peer_id     text    NOT NULL,
        version     integer NOT NULL,
        sealed      text    NOT NULL,
        fingerprint text    NOT NULL,
        created_at  text    NOT NULL
      )`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE private.peer_secret');
  }
}
