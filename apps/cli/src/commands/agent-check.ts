import type { AgentCheck } from '../contract.js';
import type { Cell } from '../view/table.js';
import { state } from '../view/words.js';

/** What the card of an agent said, as rows of details; none where no agent was asked. */
export const agentRows = (check: AgentCheck | null): [string, Cell][] =>
  check === null
    ? []
    : [
        ['agent', check.ok ? state('card read', 'up') : state('not usable', 'degraded')],
        ['card', check.sentence],
      ];

/** One line for each interface, the usable ones first. */
export const agentLines = (check: AgentCheck | null): string[] =>
  [...(check?.interfaces ?? [])]
    .sort((one, other) => Number(other.usable) - Number(one.usable))
    .map(({ url, binding, because }) => (because === null ? `usable: ${binding} ${url}` : `not usable: ${binding} ${url}: ${because}`));
