import { EXIT, type Failure } from '../failure.js';

const TOO_MANY_REQUESTS = 429;

/** Whether a server is only away for a moment, which a command that waits waits through. */
export const isOfTheMoment = ({ exit, problem: { status = 0 } }: Failure): boolean =>
  exit === EXIT.unreachable || status >= 500 || status === TOO_MANY_REQUESTS;
