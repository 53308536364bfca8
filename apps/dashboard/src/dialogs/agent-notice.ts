import type { Accepted, AgentCheck } from '../contract.js';
import { notify } from '../parts/notices.js';

/** Says what was done, and what the card of the agent said if one was read. */
export function notifyOfAgent(done: string, answer: Accepted & { readonly agent?: AgentCheck | null }): void {
  const { agent = null } = answer;
  notify(agent === null ? done : `${done}. ${agent.sentence}`, agent?.ok ?? true);
}
