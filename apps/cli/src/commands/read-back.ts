import type { Answer } from '../contract.js';
import type { Context } from '../context.js';
import { Failure } from '../failure.js';

/**
 * What a command made, read not older than the command. Null where it cannot be shown: the command stands whatever becomes of
 * the reading, so that is a warning and not a failure.
 */
export async function readBack<T>({ output }: Context, position: string, read: () => Promise<Answer<T>>): Promise<Answer<T | null>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    output.warn(error.problem.code, `accepted at ${position}, but the result cannot be shown: ${error.problem.detail}`);
    return unread(position);
  }
}

/** Around what is known from the command alone. */
export const unread = (position: string): Answer<null> => ({ as_of: null, position, lag_ms: null, warnings: [], data: null });

/** Around the answer to a live question, which is of now and read from nothing. */
export const live = <T>(data: T): Answer<T> => ({ as_of: null, position: null, lag_ms: null, warnings: [], data });
