import type { AgentPolicy } from './agent-policy.js';

/** How fast agents are let come back that all lost their tunnels at once. */
export interface ReconnectPace {
  /** Told to go, each is given a moment to come back: so many milliseconds for each of them. */
  readonly returnMsEach: number;
  readonly handshakesPerSecond: number;
}

/** Of a crowd of agents that has to come back. Milliseconds. */
export interface ReconnectBudget {
  /** Over how long they are told to come back. */
  readonly spreadMs: number;
  /** Over how long those come again that are turned away. */
  readonly retryMs: number;
  /** How long none of them is called down. */
  readonly graceMs: number;
}

/** However few they are, not all in one moment. */
const LEAST_SPREAD_MS = 2_000;
const LEAST_RETRY_MS = 4_000;

/**
 * How long it takes until so many are back. All handshakes together take `agents / handshakesPerSecond`, and who is turned away comes
 * again within that, so that they come no faster than they are let in. The last of those that were told when to come comes at the end
 * of the spread, and may have all the others before it: so both are added. Fewer come by themselves, within the longest back-off.
 */
export function reconnectBudgetOf(
  agents: number,
  { returnMsEach, handshakesPerSecond }: ReconnectPace,
  policy: AgentPolicy,
): ReconnectBudget {
  const spreadMs = Math.max(LEAST_SPREAD_MS, agents * returnMsEach);
  const handshakesMs = (agents / handshakesPerSecond) * 1_000;
  return {
    spreadMs,
    retryMs: Math.max(LEAST_RETRY_MS, handshakesMs),
    graceMs: Math.max(policy.observerGraceMs, spreadMs + handshakesMs),
  };
}
