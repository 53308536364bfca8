import { CLOSE, LIMITS } from '../../../libs/edge/src/tunnel.protocol.js';
import type { Ending } from './tunnel.js';

const FIRST_MS = 2_000;
const STEP_MS = 1_000;
const CAP_MS = 60_000;
const SLOW_MS = 60_000;
const SLOW_CAP_MS = 900_000;
/** Of what is slow, so that many do not come back at once. */
const SLOW_JITTER = 0.1;

/**
 * How long to wait before the next connection. The first attempt after a tunnel comes within 2 s, the next ones anywhere up to 1, 2, 4
 * ... 60 s: full jitter, since all agents of a server lose it at the same moment. A tunnel that stood for a minute makes the next
 * attempt a first one. A server that says when it wants us back is obeyed. What only a person can mend is tried after 1 to 15 minutes.
 */
export class Backoff {
  private failures = 0;
  private slow = 0;

  /** `random`: from 0 up to, but not, 1. */
  constructor(private readonly random: () => number = Math.random) {}

  /** Milliseconds until the next attempt, after this ending of one. */
  after({ reason, retryAfterMs, stoodMs }: Pick<Ending, 'reason' | 'retryAfterMs' | 'stoodMs'>): number {
    if (stoodMs >= LIMITS.stableMs) this.failures = this.slow = 0;
    const retry = reason === null ? 'backoff' : CLOSE[reason].retry;
    if (retry === 'slow') return Math.min(SLOW_CAP_MS, SLOW_MS * 2 ** this.slow++ * (1 + SLOW_JITTER * this.random()));
    this.slow = 0;
    const jittered = this.random() * (this.failures === 0 ? FIRST_MS : Math.min(CAP_MS, STEP_MS * 2 ** (this.failures - 1)));
    this.failures++;
    return retryAfterMs ?? jittered;
  }
}
