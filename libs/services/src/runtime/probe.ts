import type { ProbeResult } from './probe-result.js';

/** Looks at one component. */
export interface Probe {
  /** Looks at its component through others: silence is theirs then, and says nothing of it. */
  readonly isIndirect?: boolean;
  /** Names of what it could not look past; while there are any its component cannot be judged. Absent: it never is in that case. */
  readonly blockedBy?: readonly string[];
  /**
   * Looks once. null: it could not look, which says nothing of the component. Throws only where the probe itself is at fault.
   * Gives up when `signal` does; what it answers after that counts for nothing.
   */
  look(signal: AbortSignal): Promise<ProbeResult | null>;
  /** Lets go of its connections. */
  close(): Promise<void>;
}
