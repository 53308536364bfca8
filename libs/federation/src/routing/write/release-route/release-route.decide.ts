import { type Decider, newEvent, refuse } from '@app/kernel';
import { RouteReleased } from '../../events/index.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import type { Refused } from '../../refusals.js';
import { routeTable } from '../../route-table.stream.js';
import type { Routes } from '../../routing.js';
import type { ReleaseRoute } from './release-route.command.js';

export const releaseRoute: Decider<Routes, ReleaseRoute, typeof RouteReleased, Refused<'federation.rule-unknown'>> = {
  on: () => routeTable.of(ROUTE_TABLE),
  decide: (rules, { data: { rule_id } }) => {
    const rule = rules.find((one) => one.rule_id === rule_id);
    if (rule === undefined) return refuse('federation.rule-unknown', { rule_id });
    return rule.held ? [newEvent(RouteReleased, { route_table: ROUTE_TABLE, rule_id })] : []; // Asking twice is not an error.
  },
};
