/** How late this process itself is. */
export abstract class OwnLoop {
  /** Begins to watch; the function it answers ends it and says how late the event loop was at worst, milliseconds. */
  abstract watch(): () => number;
}
