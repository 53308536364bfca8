import type { Direction, Health, Peer, Route } from '../contract.js';

/** The classes of a rule in words: `read and send`. null: it was added before rules named classes. */
export const classWords = (classes: Route['classes']): string | null =>
  classes?.length === 3 ? 'any method' : (classes?.join(' and ') ?? null);

/** What a rule can cover, as a form offers it; the text is what the API takes, with commas. */
export const COVERS = [
  { value: 'read,send', tells: 'Read and send' },
  { value: 'read', tells: 'Read: looks at tasks' },
  { value: 'send', tells: 'Send: takes part in them' },
  { value: 'admin', tells: 'Admin: sets push callbacks' },
  { value: 'read,send,admin', tells: 'All: read, send and admin' },
] as const;

export const classesIn = (text: string): NonNullable<Route['classes']> => text.split(',') as NonNullable<Route['classes']>;

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
  return `${rule.direction}, ${peer}, ${rule.agent ?? 'any agent'}, ${classWords(rule.classes) ?? 'any method'}: ${actionWords(rule)}`;
}

/** Where a rule stands; null: nowhere any more; undefined: the rules are not known yet. */
export const placeOf = (ruleId: string, rules: readonly Pick<Route, 'rule_id' | 'order'>[] | undefined): number | null | undefined =>
  rules && (rules.find((rule) => rule.rule_id === ruleId)?.order ?? null);
