import { type Decider, newEvent, refuse } from '@app/kernel';
import { RouteRemoved } from '../../events/index.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import type { Refused } from '../../refusals.js';
import { routeTable } from '../../route-table.stream.js';
import type { Routes } from '../../routing.js';
import type { RemoveRoute } from './remove-route.command.js';

export const removeRoute: Decider<Routes, RemoveRoute, typeof RouteRemoved, Refused<'federation.rule-unknown'>> = {
  on: () => routeTable.of(ROUTE_TABLE),
  passesUnreadable: true,
  decide: (rules, { data: { rule_id } }) =>
    rules.some((rule) => rule.rule_id === rule_id)
      ? [newEvent(RouteRemoved, { route_table: ROUTE_TABLE, rule_id })]
      : refuse('federation.rule-unknown', { rule_id }),
};
