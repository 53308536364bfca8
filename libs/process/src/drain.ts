import { messageOf } from '@app/kernel';

/** A drain that takes longer is not going to end. */
const DRAIN_MS = 25_000;

/** Ends what runs, for DRAIN_MS at most. Resolves to the exit code: 0, or 1 when it failed or did not end. */
export async function drainInTime(drain: () => Promise<void>, say: (words: string) => void): Promise<number> {
  const late = Promise.withResolvers<number>();
  const timer = setTimeout(() => late.resolve(1), DRAIN_MS);
  const drained = drain().then(
    () => 0,
    (error: unknown) => {
      say(`it did not end in order: ${messageOf(error)}`);
      return 1;
    },
  );
  const code = await Promise.race([drained, late.promise]);
  clearTimeout(timer);
  return code;
}
