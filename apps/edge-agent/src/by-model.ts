import { LIMITS, type ModelCost } from '../../../libs/edge/src/tunnel.protocol.js';

const MICRO = 1e6;
const OTHER = 'other';

/** 0.1 + 0.2 */
export const rounded = (usd: number): number => Math.round(usd * MICRO) / MICRO;

/** Each model once, the dearest first; of more than a frame takes, the cheapest together as `other`. */
export function byModel(costs: readonly ModelCost[]): ModelCost[] {
  const sums = summed(costs);
  if (sums.length <= LIMITS.models) return sums;
  const named = sums.filter(({ model }) => model !== OTHER).slice(0, LIMITS.models - 1);
  const rest = sums.filter((one) => !named.includes(one)).map((one) => ({ ...one, model: OTHER }));
  return summed([...named, ...rest]);
}

function summed(costs: readonly ModelCost[]): ModelCost[] {
  const sums = new Map<string, ModelCost>();
  for (const { model, usd, tokens } of costs) {
    const sum = sums.get(model) ?? { model, usd: 0, tokens: 0 };
    const [allUsd, allTokens] = [sum.usd + usd, sum.tokens + tokens];
    sums.set(model, { model, usd: Math.min(LIMITS.usd, rounded(allUsd)), tokens: Math.min(Number.MAX_SAFE_INTEGER, allTokens) });
  }
  return [...sums.values()].toSorted((a, b) => b.usd - a.usd || b.tokens - a.tokens || (a.model < b.model ? -1 : 1));
}
