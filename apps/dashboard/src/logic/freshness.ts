/**
 * How far the page may be believed. The server says something at least every 4 s: a patch, or a comment.
 *
 * - `connecting`: nothing was ever heard, and the page is younger than SILENCE_MS.
 * - `live`: the stream is open and was heard within SUSPECT_MS. Entered by any word on the stream; left when it closes or falls
 *   silent. From then on the page polls.
 * - `polling`: not live, but the stream or a poll was heard within SILENCE_MS.
 * - `stale`: nothing was heard for SILENCE_MS. The page greys out and its counters stop at the last word; left by any word.
 */
export type Freshness = 'connecting' | 'live' | 'polling' | 'stale';

/** The server comments every 4 s; half of that is grace. */
export const SUSPECT_MS = 6_000;
export const STALE_AFTER_MS = 10_000;
/** One poll may be lost or late before the page is stale. */
export const POLL_MS = 4_000;

/** All instants are milliseconds of the same clock, this browser's. */
export interface Heard {
  readonly startedAt: number;
  readonly streamOpen: boolean;
  readonly streamAt: number | null;
  readonly pollAt: number | null;
}

export const lastWordAt = ({ streamAt, pollAt }: Heard): number | null =>
  streamAt === null || pollAt === null ? (streamAt ?? pollAt) : Math.max(streamAt, pollAt);

export function freshnessOf(heard: Heard, now: number): Freshness {
  if (isStreaming(heard, now)) return 'live';
  const word = lastWordAt(heard);
  if (now - (word ?? heard.startedAt) >= STALE_AFTER_MS) return 'stale';
  // Rows that came by REST while the stream is still being opened for the first time are no reason to speak of a fallback.
  const opening = heard.streamAt === null && now - heard.startedAt < OPENING_MS;
  return word === null || opening ? 'connecting' : 'polling';
}
const OPENING_MS = 5_000;

const isStreaming = ({ streamOpen, streamAt }: Heard, now: number): boolean =>
  streamOpen && streamAt !== null && now - streamAt < SUSPECT_MS;

/** An open stream that says nothing is taken for dead: a half-open connection never ends by itself. */
export const isHalfOpen = (heard: Heard, now: number): boolean =>
  heard.streamOpen && now - (heard.streamAt ?? heard.startedAt) >= STALE_AFTER_MS;

/** The server's clock as far as we know it, and stopped while the page is stale. Milliseconds. */
export class ServerClock {
  private offsetMs: number | null = null;
  private stoppedAt: number | null = null;

  constructor(private readonly local: () => number = () => Date.now()) {}

  /** `serverTime`: RFC 3339, as of now. */
  set(serverTime: string): void {
    const at = Date.parse(serverTime);
    if (!Number.isNaN(at)) this.offsetMs = at - this.local();
  }

  /** As `set`, to the second, for as long as nothing better was heard: the first answer must not be told by this browser's clock. */
  guess(httpDate: string | null): void {
    if (this.offsetMs === null && httpDate !== null) this.set(httpDate);
  }

  /** Stands at `at`, of this browser's clock, until `resume`. */
  stop(at: number): void {
    this.stoppedAt ??= at;
  }

  resume(): void {
    this.stoppedAt = null;
  }

  now(): number {
    return (this.stoppedAt ?? this.local()) + (this.offsetMs ?? 0);
  }
}
