import type { AgentPolicy } from './agent-policy.js';

/**
 * Whether so many tunnels broke at once that we rather doubt ourselves: our network, our proxy. `brokenMs`: when each of those broke
 * that are not back; `standing`: how many stand.
 */
export function isDoubted(brokenMs: readonly number[], standing: number, nowMs: number, { doubt }: AgentPolicy): boolean {
  const lately = brokenMs.filter((atMs) => nowMs - atMs < doubt.withinMs).length;
  return lately >= doubt.atLeast && lately > (lately + standing) * doubt.share;
}
