import type { AgentPolicy } from './agent-policy.js';

/**
 * Whether so many tunnels broke at once that we rather doubt ourselves: our network, our proxy. `brokenMs`: when each of those broke
 * that are not back; `standing`: how many stand.
 */
export function isCorrelatedFailure(brokenMs: readonly number[], open: number, nowMs: number, { correlatedFailure }: AgentPolicy): boolean {
  const lately = brokenMs.filter((atMs) => nowMs - atMs < correlatedFailure.withinMs).length;
  return lately >= correlatedFailure.atLeast && lately > (lately + open) * correlatedFailure.share;
}
