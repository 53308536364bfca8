const BASE_MS = 1_000;
const CAP_MS = 30_000;

/**
 * How long to wait before the `attempt`-th reconnect (from 0), milliseconds. Full jitter: pages that lost the same server come
 * back spread over the whole window, not together at its end. `random` is in [0, 1).
 */
export const reconnectDelayMs = (attempt: number, random: number): number => Math.round(random * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
