import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { FACTS, type LogStanding } from '@app/event-store';
import { type Instant, messageOf } from '@app/kernel';

interface Sweep {
  readonly everyMs: number;
  /** It deletes rows of `private` by what facts say. */
  readonly removesPrivateRows?: boolean;
  run(now: Instant): Promise<void>;
}

/** After a log was accepted as it is, rows that no fact names are kept so long: the facts may be found again. */
const KEEP_AFTER_ACCEPT_MS = 30 * 24 * 3_600_000;

/** Runs what must be done when its time comes and nobody asks. One that fails is tried again at its next turn, and said once. None runs while FACTS is not open. */
export class Sweeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(Sweeper.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly failed = new Set<Sweep>();
  private readonly running = new Map<Sweep, Promise<void>>();

  constructor(
    private readonly sweeps: readonly Sweep[],
    private readonly standing: LogStanding,
  ) {}

  onApplicationBootstrap(): void {
    for (const sweep of this.sweeps) this.timers.push(setInterval(() => this.run(sweep), sweep.everyMs));
  }

  async onModuleDestroy(): Promise<void> {
    this.timers.forEach(clearInterval);
    await Promise.all(this.running.values());
  }

  private mayRun({ removesPrivateRows = false }: Sweep, nowMs: number): boolean {
    const acceptedAt = this.standing.acceptedAt(FACTS);
    const isKept = removesPrivateRows && acceptedAt !== null && nowMs - Date.parse(acceptedAt) < KEEP_AFTER_ACCEPT_MS;
    return this.standing.isOpen(FACTS) && !isKept;
  }

  private run(sweep: Sweep): void {
    if (this.running.has(sweep) || !this.mayRun(sweep, Date.now())) return;
    const run = sweep
      .run(new Date().toISOString() as Instant)
      .then(() => void this.failed.delete(sweep))
      .catch((error: unknown) => {
        if (!this.failed.has(sweep)) this.log.warn(`${sweep.constructor.name}: ${messageOf(error)}`);
        this.failed.add(sweep);
      })
      .finally(() => this.running.delete(sweep));
    this.running.set(sweep, run);
  }
}
