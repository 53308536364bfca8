import type { Plumbing } from '@app/process';

/** The machines of this process, for those few of the app's own parts that need more than a port. */
export abstract class PlumbingToken {
  abstract readonly plumbing: Plumbing;
}
