import { type Decider, newEvent } from '@app/kernel';
import { RouteHeld } from '../../events/index.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import { routeTable } from '../../route-table.stream.js';
import type { Routes } from '../../routing.js';

/** Which one the lost end of the log says something else of. */
export interface HoldRoute {
  readonly rule_id: string;
}

/** What is not there, or is held already, is left as it is. */
export const holdRoute: Decider<Routes, HoldRoute, typeof RouteHeld> = {
  on: () => routeTable.of(ROUTE_TABLE),
  passesUnreadable: true,
  decide: (rules, { data: { rule_id } }) =>
    rules.some((rule) => rule.rule_id === rule_id && !rule.held) ? [newEvent(RouteHeld, { route_table: ROUTE_TABLE, rule_id })] : [],
};
