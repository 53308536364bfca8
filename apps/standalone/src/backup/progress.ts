const EVERY_MS = 2_000;
const MIB = 2 ** 20;

/** Tells how far one step is: at its end, and every two seconds of a long one. */
export function stepwise(say: (words: string) => void, what: string): { add(bytes: number): void; end(words: string): void } {
  let bytes = 0;
  let said = performance.now();
  const size = (): string => `${(bytes / MIB).toFixed(1)} MiB`;
  return {
    add: (more) => {
      bytes += more;
      if (performance.now() - said < EVERY_MS) return;
      said = performance.now();
      say(`  ${what}: ${size()} ...`);
    },
    end: (words) => say(`  ${what}: ${words}, ${size()}`),
  };
}
