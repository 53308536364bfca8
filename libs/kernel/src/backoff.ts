/** Bounds of a back-off, ms. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** 2 ** 30 times any first pause is longer than any longest one; beyond 2 ** 1023 there is no number. */
const MAX_DOUBLINGS = 30;

/** Pause after so many failures in a row, ms: `firstMs` after the first, twice as long after each further one, at most `longestMs`. */
export const backoffMs = (failures: number, { firstMs, longestMs }: BackoffBounds): number =>
  failures <= 0 ? 0 : Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, MAX_DOUBLINGS));

/**
 * Counts failures in a row, and answers how long to wait after each. With jitter (`chance`: at least 0, less than 1) a pause is between half
 * and all of its bound, so that those that failed together do not return together.
 */
export class Backoff {
  private failures = 0;

  constructor(private readonly bounds: BackoffBounds) {}

  /** After one more failure, ms. */
  next(chance = 1): number {
    return backoffMs(++this.failures, this.bounds) * (0.5 + chance / 2);
  }

  /** After a success. */
  reset(): void {
    this.failures = 0;
  }
}
