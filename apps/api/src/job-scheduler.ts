import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { FACTS, type LogAcceptance } from '@app/event-store';
import { type Instant, messageOf } from '@app/kernel';

interface ScheduledJob {
  readonly intervalMs: number;
  /** It deletes rows of `private` by what facts say. */
  readonly removesPrivateRows?: boolean;
  run(now: Instant): Promise<void>;
}

/** After a log was accepted as it is, rows that no fact names are kept so long: the facts may be found again. */
const KEEP_AFTER_ACCEPT_MS = 30 * 24 * 3_600_000;

/** Runs what must be done when its time comes and nobody asks. One that fails is tried again at its next turn, and said once. None runs while FACTS is not open. */
export class JobScheduler implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(JobScheduler.name);
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly failed = new Set<ScheduledJob>();
  private readonly running = new Map<ScheduledJob, Promise<void>>();

  constructor(
    private readonly jobs: readonly ScheduledJob[],
    private readonly acceptance: LogAcceptance,
  ) {}

  onApplicationBootstrap(): void {
    for (const job of this.jobs) this.timers.push(setInterval(() => this.run(job), job.intervalMs));
  }

  async onModuleDestroy(): Promise<void> {
    this.timers.forEach(clearInterval);
    await Promise.all(this.running.values());
  }

  private mayRun({ removesPrivateRows = false }: ScheduledJob, nowMs: number): boolean {
    const acceptedAt = this.acceptance.acceptedAt(FACTS);
    const isKept = removesPrivateRows && acceptedAt !== null && nowMs - Date.parse(acceptedAt) < KEEP_AFTER_ACCEPT_MS;
    return this.acceptance.isOpen(FACTS) && !isKept;
  }

  private run(job: ScheduledJob): void {
    if (this.running.has(job) || !this.mayRun(job, Date.now())) return;
    const run = job
      .run(new Date().toISOString() as Instant)
      .then(() => void this.failed.delete(job))
      .catch((error: unknown) => {
        if (!this.failed.has(job)) this.log.warn(`${job.constructor.name}: ${messageOf(error)}`);
        this.failed.add(job);
      })
      .finally(() => this.running.delete(job));
    this.running.set(job, run);
  }
}
