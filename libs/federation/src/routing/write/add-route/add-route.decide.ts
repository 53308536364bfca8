import { type Decider, newEvent, refuse } from '@app/kernel';
import { RouteAdded } from '../../events/index.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import type { Refused } from '../../refusals.js';
import { routeTable } from '../../route-table.stream.js';
import type { Routes } from '../../routing.js';

/** A call is decided on by looking at one rule after the other, and the whole table is one row. */
export const MOST_RULES = 500;

/** What was asked, with what the endpoint adds: the rule's id, and its target as it may be reached. */
export type RouteToAdd = Omit<RouteAdded, 'route_table'>;

type No = Refused<
  | 'federation.rule-mismatch'
  | 'federation.target-missing'
  | 'federation.target-unused'
  | 'federation.credential-unused'
  | 'federation.limits-unused'
  | 'federation.before-unknown'
  | 'federation.routes-full'
>;

const ACTIONS = { in: ['route', 'deny'], out: ['allow', 'deny'] } as const satisfies Record<string, readonly string[]>;

export const addRoute: Decider<Routes, RouteToAdd, typeof RouteAdded, No> = {
  on: () => routeTable.of(ROUTE_TABLE),
  decide: (rules, { data }) => {
    const { rule_id, before, direction, action, target_url, credential, limits } = data;
    if (rules.some((rule) => rule.rule_id === rule_id)) return []; // Its id is made from the command's: this is that command again.
    if (!ACTIONS[direction].some((possible) => possible === action))
      return refuse('federation.rule-mismatch', { direction, action, possible: ACTIONS[direction].join(' or ') });
    if (action === 'route' && target_url === null) return refuse('federation.target-missing');
    if (action !== 'route' && target_url !== null) return refuse('federation.target-unused', { action });
    if (action !== 'route' && credential !== null) return refuse('federation.credential-unused', { action });
    if (action === 'deny' && limits !== null) return refuse('federation.limits-unused');
    if (before !== null && !rules.some((rule) => rule.rule_id === before)) return refuse('federation.before-unknown', { before });
    if (rules.length >= MOST_RULES) return refuse('federation.routes-full', { most: MOST_RULES });
    return [newEvent(RouteAdded, { route_table: ROUTE_TABLE, ...data })];
  },
};
