import type { Instant, StoredOf } from '@app/kernel';
import type { Direction } from '../calls/events/index.js';
import type {
  RouteAction,
  RouteAdded,
  RouteCredential,
  RouteEdited,
  RouteHeld,
  RouteLimits,
  RouteMoved,
  RouteReleased,
  RouteRemoved,
} from './events/index.js';
import { METHOD_CLASSES, type MethodClass } from './events/method-class.js';

/** One rule of the routing table. What it leaves open, null, matches any. */
export interface RouteRule {
  readonly rule_id: string;
  readonly direction: Direction;
  readonly peer_id: string | null;
  readonly agent: string | null;
  /** null: all, of a rule that was written before rules named classes. */
  readonly classes: readonly MethodClass[] | null;
  readonly action: RouteAction;
  readonly target_url: string | null;
  readonly credential: RouteCredential | null;
  readonly limits: RouteLimits | null;
  readonly note: string;
  /** The position of the fact that added it or, later, last edited it. */
  readonly version: number;
  readonly added_at: Instant;
  readonly added_by: string;
  /** After the log was accepted as it is: a call it matches is denied, until it is released. */
  readonly held: boolean;
}

/** The rules in their order. */
export type Routes = readonly RouteRule[];

/** What a rule can tell one call from another by. */
export interface CallToRoute {
  readonly direction: Direction;
  readonly peer_id: string;
  readonly agent: string;
  readonly method_class: MethodClass;
}

export interface RouteDecision {
  readonly action: RouteAction;
  /** Which rule decided; null: none matched. */
  readonly rule_id: string | null;
  readonly rule_version: number | null;
  /** Where to, when the action is `route`. */
  readonly target_url: string | null;
  /** What calls there are sent with. */
  readonly credential: RouteCredential | null;
  readonly limits: RouteLimits | null;
}

const NOWHERE = { target_url: null, credential: null, limits: null } as const;
export const NO_RULE: RouteDecision = { action: 'deny', rule_id: null, rule_version: null, ...NOWHERE };

/** What becomes of a call: the first rule that matches decides, and where none does, the call is denied. */
export function decideRoute(rules: Routes, call: CallToRoute): RouteDecision {
  const rule = rules.find((one) => matches(one, call));
  if (rule === undefined) return NO_RULE;
  const { rule_id, version: rule_version, action, target_url, credential, limits } = rule;
  return rule.held
    ? { action: 'deny', rule_id, rule_version, ...NOWHERE }
    : { action, rule_id, rule_version, target_url, credential, limits };
}

/** The agents that rules name and open to a peer, whatever it may ask of them. A rule for any agent names none. */
export function agentsOpenTo(rules: Routes, peer_id: string): string[] {
  const named = new Set(rules.flatMap(({ direction, agent }) => (direction === 'in' && agent !== null ? [agent] : [])));
  const isOpen = (agent: string): boolean =>
    METHOD_CLASSES.some((method_class) => decideRoute(rules, { direction: 'in', peer_id, agent, method_class }).action === 'route');
  return [...named].filter(isOpen).sort();
}

const matches = (rule: RouteRule, call: CallToRoute): boolean =>
  rule.direction === call.direction &&
  (rule.peer_id === null || rule.peer_id === call.peer_id) &&
  (rule.agent === null || rule.agent === call.agent) &&
  (rule.classes === null || rule.classes.includes(call.method_class));

/** The table after a rule was added: before the one it names, else after all others. */
export function withRule(rules: Routes, { data, position, at, actor }: StoredOf<typeof RouteAdded>): Routes {
  const { route_table: _, before, ...rule } = data;
  return placed(rules, { ...rule, version: position, added_at: at, added_by: actor, held: false }, before);
}

const placed = (rules: Routes, rule: RouteRule, before: string | null): Routes => {
  const found = rules.findIndex(({ rule_id }) => rule_id === before);
  return rules.toSpliced(found === -1 ? rules.length : found, 0, rule);
};

/** The table after a rule was changed; it keeps its place. */
export function withEdited(rules: Routes, { data, position }: StoredOf<typeof RouteEdited>): Routes {
  const { route_table: _, ...edited } = data;
  return rules.map((rule) => (rule.rule_id === edited.rule_id ? { ...rule, ...edited, version: position } : rule));
}

/** The table after a rule was moved before the one that is named, else after all others. */
export function withMoved(rules: Routes, { data: { rule_id, before } }: StoredOf<typeof RouteMoved>): Routes {
  const moved = rules.find((rule) => rule.rule_id === rule_id);
  return moved === undefined || before === rule_id ? rules : placed(without(rules, rule_id), moved, before);
}

/** The table after a rule was removed. */
export const withoutRule = (rules: Routes, { data }: StoredOf<typeof RouteRemoved>): Routes => without(rules, data.rule_id);

const without = (rules: Routes, gone: string): Routes => rules.filter(({ rule_id }) => rule_id !== gone);

/** The table after a rule was held or released; it keeps its place. */
export const withHeld =
  (held: boolean) =>
  (rules: Routes, { data }: StoredOf<typeof RouteHeld> | StoredOf<typeof RouteReleased>): Routes =>
    rules.map((rule) => (rule.rule_id === data.rule_id ? { ...rule, held } : rule));
