import type { Recorded } from './envelope.js';

/** The facts of some kinds of things, to those who keep what they need of them in memory. */
export abstract class FactFeed {
  /**
   * Every fact of every thing of these kinds (`federation.peer`), oldest first and none twice, until `signal` aborts. Resolves when all
   * that the log holds now was heard, or when `signal` aborts; what follows is heard as it is stored, through any outage. Rejects when
   * it is lost before that.
   *
   * `lost` is called, once, when nothing more will be heard: the log is another than it was or lost its end, something in it is no fact,
   * a newer process wrote what this one does not know, or `hear` threw. What is not known is not passed over: it may be the one fact that
   * forbids. Whoever decides by what it heard must decide nothing from then on.
   */
  abstract watch(
    kinds: readonly string[],
    hear: (fact: Recorded) => void,
    signal: AbortSignal,
    lost: (error: Error) => void,
  ): Promise<void>;
}
