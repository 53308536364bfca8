import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Both may be null: a process of an earlier release that still runs writes rows without them. */
export class TokenCaller1796097600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE private.service_token ADD COLUMN caller_id text, ADD COLUMN bindings jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE private.service_token DROP COLUMN caller_id, DROP COLUMN bindings');
  }
}
