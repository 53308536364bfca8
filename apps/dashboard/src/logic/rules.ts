import type { Direction, Health, Peer, Route } from '../contract.js';

export const METHOD_CLASSES = [
  { value: 'read', tells: 'looks at tasks' },
  { value: 'send', tells: 'takes part in them' },
  { value: 'admin', tells: 'sets push callbacks' },
] as const satisfies readonly { value: Route['method_class']; tells: string }[];

const ACTIONS: Record<Route['action'], string> = { allow: 'Allowed', deny: 'Denied', route: 'Routed to an agent' };

/** What a rule may do with calls of a direction: those that come in need somewhere to go. */
export const actionsOf = (direction: Direction): { value: Route['action']; name: string }[] =>
  (direction === 'out' ? (['allow', 'deny'] as const) : (['route', 'deny'] as const)).map((value) => ({ value, name: ACTIONS[value] }));

export const ACTION_HEALTH: Record<Route['action'], Health> = { allow: 'up', route: 'up', deny: 'degraded' };

/** `allow`, `deny`, or with its target `route to http://127.0.0.1:9000/`. */
export const actionWords = ({ action, target_url: target }: Pick<Route, 'action' | 'target_url'>): string =>
  action === 'route' ? `route to ${target ?? '–'}` : action;

/** The label of a peer; its id where it is not among the known: a rule may outlive what it names. */
export const peerName = (peerId: string, peers: readonly Pick<Peer, 'peer_id' | 'label'>[]): string =>
  peers.find((peer) => peer.peer_id === peerId)?.label ?? peerId;

/** A rule in one line: `out, Oslo archive, any agent, send: allow`. */
export function ruleWords(rule: Route, peers: readonly Pick<Peer, 'peer_id' | 'label'>[]): string {
  const peer = rule.peer_id === null ? 'any peer' : peerName(rule.peer_id, peers);
  return `${rule.direction}, ${peer}, ${rule.agent ?? 'any agent'}, ${rule.method_class ?? 'any method'}: ${actionWords(rule)}`;
}

/** Where a rule stands; null: nowhere any more; undefined: the rules are not known yet. */
export const placeOf = (ruleId: string, rules: readonly Pick<Route, 'rule_id' | 'order'>[] | undefined): number | null | undefined =>
  rules && (rules.find((rule) => rule.rule_id === ruleId)?.order ?? null);
