import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Instant } from '@app/kernel';

interface Sweep {
  readonly everyMs: number;
  run(now: Instant): Promise<void>;
}

/** Runs what must be done when its time comes and nobody asks. One that fails is tried again at its next turn, and said once. */
export class Sweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(Sweeper.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly failed = new Set<Sweep>();
  private readonly running = new Map<Sweep, Promise<void>>();

  constructor(private readonly sweeps: readonly Sweep[]) {}

  onApplicationBootstrap(): void {
    for (const sweep of this.sweeps) this.timers.push(setInterval(() => this.run(sweep), sweep.everyMs));
  }

  async onModuleDestroy(): Promise<void> {
    this.timers.forEach(clearInterval);
    await Promise.all(this.running.values());
  }

  private run(sweep: Sweep): void {
    if (this.running.has(sweep)) return;
    const run = sweep
      .run(new Date().toISOString() as Instant)
      .then(() => void this.failed.delete(sweep))
      .catch((error: unknown) => {
        if (!this.failed.has(sweep)) this.log.warn(`${sweep.constructor.name}: ${error instanceof Error ? error.message : String(error)}`);
        this.failed.add(sweep);
      })
      .finally(() => this.running.delete(sweep));
    this.running.set(sweep, run);
  }
}
