import type { MethodClass } from '../../routing/events/method-class.js';

/** One kind of calls that a caller may make. null matches everything. */
export interface CallBinding {
  readonly peer_id: string | null;
  readonly agent: string | null;
  readonly method_class: MethodClass | null;
}

const covers = (bound: string | null, asked: string): boolean => bound === null || bound === asked;

/** The bindings that cover calls of this agent, whatever the method. */
export const boundTo = (bindings: readonly CallBinding[], peerId: string, agent: string): CallBinding[] =>
  bindings.filter((one) => covers(one.peer_id, peerId) && covers(one.agent, agent));

/** Whether each of these classes is covered by a binding. */
export const areBound = (bound: readonly CallBinding[], classes: readonly MethodClass[]): boolean =>
  bound.length > 0 && classes.every((each) => bound.some(({ method_class }) => covers(method_class, each)));
