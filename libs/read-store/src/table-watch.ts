import type pg from 'pg';
import { run } from './pool.js';
import type { Projector } from './projector.js';

/** How often it looks whether the tables are there, milliseconds. */
const EVERY_MS = 2_000;

/**
 * Notices within seconds that somebody dropped a table or a view of a read model, also while no event comes: its projector opens the
 * model again and builds what is missing. One statement for all models of a process.
 */
export class TableWatch {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    private readonly projectors: readonly Projector[],
  ) {}

  start(): void {
    this.timer = setInterval(() => void (this.looking = this.look()), EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const kept = this.projectors.map((projector) => ({ projector, relations: projector.relations }));
    try {
      const { rows } = await run(this.pool, {
        name: 'dropped relations',
        text: 'SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL',
        values: [kept.flatMap(({ relations }) => relations)],
      });
      const dropped = new Set((rows as { name: string }[]).map(({ name }) => name));
      for (const { projector, relations } of kept) if (relations.some((name) => dropped.has(name))) projector.reopen();
    } catch {
      // PostgreSQL does not answer: each projector notices that at its next batch.
    }
  }
}
