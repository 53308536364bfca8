import fc from 'fast-check';
import { BUCKETS, EMPTY, FACTOR, bucketOf, counted, merged, quantile } from './histogram.js';

const of = (latencies: readonly number[]) => latencies.reduce(counted, EMPTY);
const latencies = fc.array(fc.double({ min: 0, max: 11_900, noNaN: true }), { minLength: 1, maxLength: 200 });
const nearestRank = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length)) - 1] as number;

it('has no quantile of nothing', () => expect(quantile(EMPTY, 0.95)).toBeNull());

it.each([
  [0, 0],
  [0.5, 0],
  [0.51, 1],
  [7_690, 22],
  [8_000, 23],
  [3_600_000, 23],
])('%d ms is in bucket %d', (ms, bucket) => expect(bucketOf(ms)).toBe(bucket));

it.each([0.5, 0.95, 0.99, 1])('tells quantile %d within its factor, or within the first bucket', (q) => {
  fc.assert(
    fc.property(latencies, (values) => {
      const [is, said] = [nearestRank(values, q), quantile(of(values), q) as number];
      expect(said).toBeLessThanOrEqual(Math.max(0.5, is * FACTOR) + 0.05); // 0.05: it is said in tenths.
      expect(said).toBeGreaterThanOrEqual(is / FACTOR - 0.05);
    }),
  );
});

it('does not care in which minutes the latencies were counted', () => {
  fc.assert(
    fc.property(fc.array(latencies, { maxLength: 10 }), (minutes) => {
      expect(merged(minutes.map(of))).toEqual(of(minutes.flat()));
    }),
  );
});

it('counts each latency once and loses none', () => {
  fc.assert(
    fc.property(latencies, (values) => {
      const histogram = of(values);
      expect(histogram).toHaveLength(BUCKETS);
      expect(histogram.reduce((sum, count) => sum + count, 0)).toBe(values.length);
    }),
  );
});

it('never gives a higher share a lower latency', () => {
  fc.assert(
    fc.property(latencies, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (values, a, b) => {
      const histogram = of(values);
      expect(quantile(histogram, Math.min(a, b))).toBeLessThanOrEqual(quantile(histogram, Math.max(a, b)) as number);
    }),
  );
});
