import type { MigrationInterface, QueryRunner } from 'typeorm';

// Instants are text of one form; COLLATE "C" compares them as JavaScript does.
export class AccessTables1764547200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SCHEMA IF NOT EXISTS private');
    await runner.query(`
      CREATE TABLE private.service_token (
        token_id   text PRIMARY KEY,
        hash       text NOT NULL UNIQUE,
        name       text NOT NULL,
        role       text NOT NULL,
        expires_at text COLLATE "C"
      )`);
    await runner.query(`
      CREATE TABLE private.session (
        session_id text PRIMARY KEY,
        hash       text NOT NULL UNIQUE,
        role       text NOT NULL,
        expires_at text COLLATE "C" NOT NULL
      )`);
    await runner.query(`
      CREATE TABLE private.login_code (
        hash       text PRIMARY KEY,
        role       text NOT NULL,
        expires_at text COLLATE "C" NOT NULL,
        used_at    text COLLATE "C"
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE private.login_code, private.session, private.service_token');
  }
}
