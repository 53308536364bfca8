/**
 * Latencies as counts in 24 buckets whose bounds grow by a fixed factor: bucket 0 holds up to 0.5 ms, the last everything above
 * 7.7 s. Histograms add up, so a quantile of any window is the quantile of the sum of its minutes, never an average of quantiles.
 */
export type Histogram = readonly number[];

export const BUCKETS = 24;
const FIRST_MS = 0.5;
/** A quantile is off by this factor at most. */
export const FACTOR = 1.55;

/** The upper bound of a bucket, included; of the last one, too, nothing is expected above it. */
const upperMs = (bucket: number): number => FIRST_MS * FACTOR ** bucket;
const lowerMs = (bucket: number): number => (bucket === 0 ? 0 : upperMs(bucket - 1));

export const EMPTY: Histogram = Array.from({ length: BUCKETS }, () => 0);

export function bucketOf(ms: number): number {
  const bucket = EMPTY.findIndex((_, i) => ms <= upperMs(i));
  return bucket === -1 ? BUCKETS - 1 : bucket;
}

export function counted(histogram: Histogram, ms: number): Histogram {
  const bucket = bucketOf(ms);
  return histogram.map((count, i) => (i === bucket ? count + 1 : count));
}

export const merged = (histograms: readonly Histogram[]): Histogram =>
  histograms.reduce((sum, one) => sum.map((count, i) => count + (one[i] ?? 0)), EMPTY);

/** Milliseconds that a share `q` (0 to 1) of the latencies does not exceed, to one decimal; null: there are none. */
export function quantile(histogram: Histogram, q: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(q * total));
  let below = 0;
  for (const [bucket, count] of histogram.entries()) {
    if (below + count >= rank) return tenths(within(bucket, (rank - below) / count));
    below += count;
  }
  throw new Error('the counts of a histogram do not add up to their total');
}

/** As far into the bucket as the rank is into its counts. */
function within(bucket: number, share: number): number {
  const [from, to] = [lowerMs(bucket), upperMs(bucket)];
  return from === 0 ? to * share : from * (to / from) ** share;
}
const tenths = (ms: number): number => Math.round(ms * 10) / 10;
