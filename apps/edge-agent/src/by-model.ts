import { type AgentCost, LIMITS, type ModelCost } from '../../../libs/edge/src/tunnel.protocol.js';

const MICRO = 1e6;
const OTHER = 'other';

/** 0.1 + 0.2 */
export const rounded = (usd: number): number => Math.round(usd * MICRO) / MICRO;

interface Use {
  usd: number;
  tokens: number;
}

/** Each model once, the dearest first; of more than a frame takes, the cheapest together as `other`. */
export const byModel = (costs: readonly ModelCost[]): ModelCost[] =>
  dearest(
    costs,
    LIMITS.models,
    ({ model }) => model,
    (one) => ({ ...one, model: OTHER }),
  );

/** The same of the agents of gateways. */
export const byAgent = (costs: readonly AgentCost[]): AgentCost[] =>
  dearest(
    costs,
    LIMITS.agents,
    ({ gateway, agent }) => `${agent} ${gateway ?? ''}`,
    (one) => ({ ...one, gateway: null, agent: OTHER }),
  );

function dearest<Cost extends Use>(
  costs: readonly Cost[],
  most: number,
  keyOf: (one: Cost) => string,
  asOther: (one: Cost) => Cost,
): Cost[] {
  const sums = summed(costs, keyOf);
  if (sums.length <= most) return sums;
  const named = sums.filter((one) => keyOf(one) !== keyOf(asOther(one))).slice(0, most - 1);
  const rest = sums.filter((one) => !named.includes(one)).map(asOther);
  return summed([...named, ...rest], keyOf);
}

function summed<Cost extends Use>(costs: readonly Cost[], keyOf: (one: Cost) => string): Cost[] {
  const sums = new Map<string, Cost>();
  for (const one of costs) {
    const { usd, tokens } = sums.get(keyOf(one)) ?? { usd: 0, tokens: 0 };
    const sum = {
      usd: Math.min(LIMITS.usd, rounded(usd + one.usd)),
      tokens: Math.min(Number.MAX_SAFE_INTEGER, tokens + one.tokens),
    };
    sums.set(keyOf(one), { ...one, ...sum });
  }
  return [...sums.entries()]
    .toSorted(([keyA, a], [keyB, b]) => b.usd - a.usd || b.tokens - a.tokens || (keyA < keyB ? -1 : 1))
    .map(([, one]) => one);
}
