import { type Decider, newEvent, refuse } from '@app/kernel';
import { RouteMoved } from '../../events/index.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import type { Refused } from '../../refusals.js';
import { routeTable } from '../../route-table.stream.js';
import type { Routes } from '../../routing.js';
import type { MoveRoute } from './move-route.command.js';

type No = Refused<'federation.rule-unknown' | 'federation.before-unknown'>;

export const moveRoute: Decider<Routes, MoveRoute, typeof RouteMoved, No> = {
  on: () => routeTable.of(ROUTE_TABLE),
  decide: (rules, { data: { rule_id, before } }) => {
    const at = rules.findIndex((rule) => rule.rule_id === rule_id);
    if (at === -1) return refuse('federation.rule-unknown', { rule_id });
    if (before !== null && !rules.some((rule) => rule.rule_id === before)) return refuse('federation.before-unknown', { before });
    const isThere = before === rule_id || (rules[at + 1]?.rule_id ?? null) === before;
    return isThere ? [] : [newEvent(RouteMoved, { route_table: ROUTE_TABLE, rule_id, before })]; // Asking twice is not an error.
  },
};
