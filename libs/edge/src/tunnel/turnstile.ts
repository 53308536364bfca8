/** Lets so many through a second, and as many at once after a quiet one. */
export class Turnstile {
  private places: number;
  private countedMs: number | null = null;

  constructor(private readonly perSecond: number) {
    this.places = perSecond;
  }

  /** Whether one more may pass now. */
  pass(nowMs: number): boolean {
    const sinceMs = nowMs - (this.countedMs ?? nowMs);
    this.countedMs = nowMs;
    this.places = Math.min(this.perSecond, this.places + (sinceMs / 1000) * this.perSecond);
    if (this.places < 1) return false;
    this.places--;
    return true;
  }
}
