/** Facts about its gateways that one agent may cause: at once after a quiet time, and a minute on end. */
const BURST = 40;
const PER_MINUTE = 12;

/**
 * Bounds the facts that the reports of one agent become. Facts are kept for ever, and an agent may report 32 gateways every second.
 *
 *   open     a round of facts may be written, however many they are. It becomes closed when more are written than the budget has.
 *   closed   nothing is written until the debt is paid off by time. Reports replace each other meanwhile, so the next round has the last state.
 *
 * Milliseconds of one clock.
 */
export class FactBudget {
  private left = BURST;
  private atMs = -Infinity;

  isOpen(nowMs: number): boolean {
    return this.leftAt(nowMs) >= 1;
  }

  spend(facts: number, nowMs: number): void {
    this.left = this.leftAt(nowMs) - facts;
    this.atMs = nowMs;
  }

  private leftAt(nowMs: number): number {
    return Math.min(BURST, this.left + ((nowMs - this.atMs) / 60_000) * PER_MINUTE);
  }
}
