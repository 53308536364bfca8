import { Matches } from 'class-validator';

const AGENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/u;

/** What an agent is called in the path of a call. One segment that no path resolution takes for a step up. */
export const IsAgentName = (): PropertyDecorator =>
  Matches(AGENT, { message: '$property must be 1 to 64 of A-Z a-z 0-9 . _ -, and not only dots' });
