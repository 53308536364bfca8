/** What time it is, and when to do something. The only clock that probing knows, so that tests need no real one. */
export abstract class Clock {
  /** Milliseconds since 1970. */
  abstract nowMs(): number;
  /** Calls `run` once; the function it answers calls that off. */
  abstract after(delayMs: number, run: () => void): () => void;
}

/** How late this process itself is. */
export abstract class OwnLoop {
  /** Begins to watch; the function it answers ends it and says how late the event loop was at worst, milliseconds. */
  abstract watch(): () => number;
}
