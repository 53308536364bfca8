import type { CallBinding } from './call-bindings.js';

/** Somebody of ours who wants to call a peer. */
export interface CheckedCaller {
  /** As records name it: `token:<token_id>`. */
  readonly actor: string;
  /** As the peer sees it: the same each time, and saying nothing of who it is. 1 to 128 of A-Z a-z 0-9 . _ ~ : - */
  readonly caller: string;
  /** Whether it may make calls at all. */
  readonly may: boolean;
  /** The calls that it may make: those that one of them covers. */
  readonly bindings: readonly CallBinding[];
  /** Asked while a call of it is under way: whether it is still known, and still may. What it throws counts as yes. */
  readonly isStillIn?: () => Promise<boolean>;
  /** Calls `ended` as soon as it is known that it may no more; answers how to stop listening. */
  readonly onEnd?: (ended: () => void) => () => void;
}

/** Tells who a client of A2A is; given by the process, since tokens are another context's. */
export abstract class CallerCheck {
  /**
   * By the `Authorization` header; null: nobody who is known here; `too-often`: too many strangers have asked from this address, so that it
   * is not looked up. Throws what the database throws.
   */
  abstract check(authorization: string | undefined, address: string): Promise<CheckedCaller | null | 'too-often'>;
}
