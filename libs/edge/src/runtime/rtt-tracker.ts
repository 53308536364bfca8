/** So many round trips, answered pings and clock samples are remembered. */
const RTTS = 20;
const PONGS = 5;
const SAMPLES = 8;
/** So many questions of people are on their way at a time. */
const ASKED = 8;

/** What pings and heartbeats tell of one connection. */
export class RttTracker {
  readonly rttsMs: number[] = [];
  /** Whether each of the last pings was answered before the next. */
  readonly pongs: boolean[] = [];
  /** When the last ping of this side's own accord was sent. */
  sentMs = -Infinity;
  private readonly samples: { readonly rttMs: number; readonly offsetMs: number }[] = [];
  private readonly asked = new Map<string, { readonly sentMs: number; readonly answered: (rttMs: number | null) => void }>();
  private waiting: string | null = null;
  private sent = 0;

  constructor(private readonly ping: (payload: string) => void) {}

  /** The last round trip; null: there was none yet. */
  get rttMs(): number | null {
    return this.rttsMs.at(-1) ?? null;
  }

  /** The other clock minus ours, of the sample with the shortest round trip: it has the least room for error. */
  get offsetMs(): number | null {
    const best = this.samples.toSorted((a, b) => a.rttMs - b.rttMs)[0];
    return best?.offsetMs ?? null;
  }

  beat(nowMs: number): void {
    if (this.waiting !== null) remember(this.pongs, false, PONGS);
    this.waiting = this.next();
    this.sentMs = nowMs;
    this.ping(this.waiting);
  }

  /** Asks out of turn. Resolves to the round trip, null when it ended before; null at once when too much was asked. */
  ask(nowMs: number): Promise<number | null> {
    if (this.asked.size >= ASKED) return Promise.resolve(null);
    const { promise, resolve } = Promise.withResolvers<number | null>();
    const payload = this.next();
    this.asked.set(payload, { sentMs: nowMs, answered: resolve });
    this.ping(payload);
    return promise;
  }

  pong(data: Buffer, nowMs: number): void {
    const payload = data.toString();
    const asked = this.asked.get(payload);
    if (asked !== undefined) {
      this.asked.delete(payload);
      remember(this.rttsMs, nowMs - asked.sentMs, RTTS);
      return asked.answered(nowMs - asked.sentMs);
    }
    if (payload !== this.waiting) return; // Too late, or not asked for.
    this.waiting = null;
    remember(this.rttsMs, nowMs - this.sentMs, RTTS);
    remember(this.pongs, true, PONGS);
  }

  /** A message of the other side, with its clock and ours at the moment it came. Says nothing before the first round trip. */
  heartbeat(sentWallMs: number, receivedWallMs: number): void {
    if (this.rttMs !== null)
      remember(this.samples, { rttMs: this.rttMs, offsetMs: sentWallMs - (receivedWallMs - this.rttMs / 2) }, SAMPLES);
  }

  /** Nothing more is answered. */
  stop(): void {
    for (const { answered } of this.asked.values()) answered(null);
    this.asked.clear();
  }

  private next(): string {
    return String(++this.sent);
  }
}

function remember<T>(list: T[], one: T, most: number): void {
  list.push(one);
  if (list.length > most) list.shift();
}
