/**
 * One figure: `value` is ours, `baseline` that of the bare libraries in the same run, `ratio` value / baseline. More is better of
 * a rate, less of milliseconds.
 */
export const figure = (name, unit, value, baseline) => ({
  name,
  value: rounded(value),
  unit,
  baseline: rounded(baseline),
  ratio: rounded(value / baseline),
});

/** One run knows no more than three digits. */
const rounded = (value) => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));

/** The least of `values` that `share` of them do not exceed. */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1];
}
export const median = (values) => percentile(values, 0.5);

/**
 * Runs both in turn, `slices` times, and gives what each answered. Who goes first alternates, so that what gets slower with time
 * (a stream that grows, a machine that others use) is as slow for both.
 */
export async function inTurn(slices, ours, baseline) {
  const answers = { ours: [], baseline: [] };
  const turns = [async () => answers.ours.push(await ours()), async () => answers.baseline.push(await baseline())];
  for (let slice = 0; slice < slices; slice++) for (const turn of slice % 2 === 0 ? turns : turns.toReversed()) await turn();
  return answers;
}

/** Keeps `inFlight` calls of `work` on their way for `ms`, and tells how many a second came to their end. */
export async function rate(inFlight, ms, work) {
  const started = performance.now();
  let done = 0;
  const one = async () => {
    for (; performance.now() - started < ms; done++) await work();
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return (done * 1_000) / (performance.now() - started);
}
