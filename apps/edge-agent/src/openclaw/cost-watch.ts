import type { Clock } from '../clock.js';
import type { DayCost } from '../retry-queue.js';
import { dayCost } from './projection.js';
import type { OpenClawSession } from './session.js';

const COST_MS = 300_000;
/** A gateway that still counts is asked again sooner. */
const COST_AGAIN_MS = 10_000;
const DAY_MS = 86_400_000;
const LEAST_MS = 1_000;
/** Figures of so many days back are asked for when they were not known in time. */
const MAX_DAYS = 8;

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/**
 * Asks one gateway what its days cost: today, and the days before it until each is known as it was at its end. Runs beside the looking: a
 * gateway may take half a minute to count up.
 */
export class CostWatch {
  /** Of `Clock.monotonic`. */
  private dueMs = 0;
  private askedOn: string | null = null;
  private wake = (): void => undefined;

  /** `since`: the first day that is not known to its end; null: none is known at all. */
  constructor(
    private since: string | null,
    private readonly clock: Clock,
    private readonly tell: (day: string, cost: DayCost) => void,
  ) {}

  /** Asks as long as the session stands. */
  async follow(session: OpenClawSession): Promise<void> {
    let isOver = false;
    void session.ended.then(() => {
      isOver = true;
      this.wake();
    });
    while (!isOver) {
      const waitMs = this.dueInMs();
      if (waitMs > 0) await this.pause(Math.max(LEAST_MS, waitMs));
      else await this.ask(session);
    }
  }

  private async ask(session: OpenClawSession): Promise<void> {
    const now = this.clock.now();
    const today = dayOf(now);
    this.askedOn = today;
    const days = Array.from({ length: MAX_DAYS }, (_, ago) => dayOf(now - ago * DAY_MS)).filter((day) => day >= (this.since ?? today));
    const known = await Promise.all(days.map((day) => this.askFor(session, day)));
    const areAllKnown = known.every(Boolean);
    if (areAllKnown) this.since = today;
    this.dueMs = this.clock.monotonic() + (areAllKnown ? COST_MS : COST_AGAIN_MS);
  }

  private async askFor(session: OpenClawSession, day: string): Promise<boolean> {
    const range = { startDate: day, endDate: day, mode: 'utc', agentScope: 'all' };
    // Of all its sessions one is enough: the sums are of all of them.
    const answer = (await session.ask('sessions.usage', { ...range, limit: 1 })) ?? (await session.ask('usage.cost', range));
    const cost = dayCost(answer);
    if (cost !== null) this.tell(day, cost);
    return cost !== null;
  }

  /** A day that ended is asked for at once. */
  private dueInMs(): number {
    const now = this.clock.now();
    if (this.askedOn !== dayOf(now)) return 0;
    return Math.min(this.dueMs - this.clock.monotonic(), DAY_MS - (now % DAY_MS));
  }

  private async pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const stop = this.clock.after(ms, resolve);
    await promise;
    stop();
    this.wake = (): void => undefined;
  }
}
