import { RateLimit } from '@app/kernel';
import { AGENT_POLICY as POLICY } from './agent-policy.js';
import { reconnectBudgetOf } from './reconnect-budget.js';

const PACE = { returnMsEach: 15, handshakesPerSecond: 100 };

it.each([
  [0, { spreadMs: 2_000, retryMs: 4_000, graceMs: 70_000 }],
  [20, { spreadMs: 2_000, retryMs: 4_000, graceMs: 70_000 }],
  [2_800, { spreadMs: 42_000, retryMs: 28_000, graceMs: 70_000 }],
  [4_000, { spreadMs: 60_000, retryMs: 40_000, graceMs: 100_000 }],
  [10_000, { spreadMs: 150_000, retryMs: 100_000, graceMs: 250_000 }],
  [20_000, { spreadMs: 300_000, retryMs: 200_000, graceMs: 500_000 }],
])('%d agents', (agents, budget) => expect(reconnectBudgetOf(agents, PACE, POLICY)).toEqual(budget));

/** When the last of them is let in: each comes at its moment, and again when it is told to, as the endpoint lets them. */
function lastInMs(agents: number, firstMs: (random: number) => number, random: () => number): number {
  const handshakes = new RateLimit({ perSecond: PACE.handshakesPerSecond, burst: PACE.handshakesPerSecond, maxKeys: 1 });
  const due = new Map<number, number>();
  const comeAt = (ms: number): void => void due.set(Math.ceil(ms / 10), (due.get(Math.ceil(ms / 10)) ?? 0) + 1);
  for (let i = 0; i < agents; i++) comeAt(firstMs(random()));
  let left = agents;
  let at = 0;
  for (let counted = agents; left > 0; at++) {
    if (at % 100 === 0) counted = left; // Those still expected are counted every second.
    for (let come = due.get(at) ?? 0; come > 0; come--) {
      if (handshakes.admits('all', at * 10)) left--;
      else comeAt(at * 10 + 1_000 + random() * reconnectBudgetOf(counted, PACE, POLICY).retryMs);
    }
  }
  return at * 10;
}
/** The same in every run. */
const chance = (): (() => number) => {
  let seed = 1;
  return () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
};

describe.each([10, 500, 3_000, 7_000, 10_000, 20_000])('%d agents are all back before one is called down', (agents) => {
  const { spreadMs, graceMs } = reconnectBudgetOf(agents, PACE, POLICY);
  it.each<[string, (random: number) => number]>([
    ['that lost their tunnels a moment ago', (random) => random * 2_000],
    ['that were told when to come', (random) => 500 + random * spreadMs],
    ['that have tried for long', (random) => random * 60_000],
    [
      'half of which were told when to come, and half have tried for long',
      (random) => (random < 0.5 ? random * 2 * 60_000 : 500 + (random - 0.5) * 2 * spreadMs),
    ],
  ])('%s', (_how, firstMs) => expect(lastInMs(agents, firstMs, chance())).toBeLessThan(graceMs));
});
