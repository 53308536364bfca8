import { projectionOf } from '@app/kernel';
import { RouteAdded, RouteEdited, RouteHeld, RouteMoved, RouteReleased, RouteRemoved } from '../../events/index.js';
import { type Routes, withEdited, withHeld, withMoved, withRule, withoutRule } from '../../routing.js';
import { RouteDirectoryRow } from './route-directory.view.js';

/** The rules in their order, as whoever decides on calls has them. Rebuilds from an empty table. */
export const routeDirectory = projectionOf(RouteDirectoryRow)({
  table: 'route_directory',
  version: 3,
  id: 'route_table',
  reads: [RouteAdded, RouteEdited, RouteMoved, RouteHeld, RouteReleased, RouteRemoved],
  key: (event) => event.data.route_table,
  on: {
    'federation.route.added': (before, event) => rowOf(event.data.route_table, withRule(before?.rules ?? [], event)),
    'federation.route.edited': (before, event) => rowOf(event.data.route_table, withEdited(before?.rules ?? [], event)),
    'federation.route.moved': (before, event) => rowOf(event.data.route_table, withMoved(before?.rules ?? [], event)),
    'federation.route.removed': (before, event) => rowOf(event.data.route_table, withoutRule(before?.rules ?? [], event)),
    'federation.route.held': (before, event) => rowOf(event.data.route_table, withHeld(true)(before?.rules ?? [], event)),
    'federation.route.released': (before, event) => rowOf(event.data.route_table, withHeld(false)(before?.rules ?? [], event)),
  },
});

const rowOf = (route_table: string, rules: Routes): RouteDirectoryRow => ({ route_table, rules: [...rules] });
