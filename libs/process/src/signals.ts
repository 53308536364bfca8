const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** A drain that takes longer is not going to end. */
const DRAIN_MS = 25_000;

/**
 * Waits for SIGINT or SIGTERM, then drains: once, however often the signal comes, and for DRAIN_MS at most. Resolves to the exit
 * code: 0, or 1 when the drain failed or did not end.
 */
export async function runUntilSignalled(drain: () => Promise<void>, say: (words: string) => void): Promise<number> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of SIGNALS) process.on(name, () => resolve(name));
  });
  say(`${signal}: draining`);
  const timer = Promise.withResolvers<number>();
  const timeout = setTimeout(() => timer.resolve(1), DRAIN_MS);
  const drained = drain().then(
    () => 0,
    (error: unknown) => {
      say(`the drain failed: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    },
  );
  const code = await Promise.race([drained, timer.promise]);
  clearTimeout(timeout);
  return code;
}
