import { POLL_MS } from '../logic/freshness.js';
import { useFreshness } from '../parts/clock.js';

/** Asks by the clock while the stream does not say what changes. */
export function usePolling(): { refetchInterval: number | false } {
  return { refetchInterval: useFreshness() === 'live' ? false : POLL_MS };
}
