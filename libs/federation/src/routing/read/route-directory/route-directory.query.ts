import type { Rows } from '@app/read-store';
import type { MethodClass } from '../../events/index.js';
import { ROUTE_TABLE } from '../../events/route-table-id.js';
import { warningsOf } from '../../rule-warnings.js';
import type { Route, RouteDirectoryRow, RouteEntry } from './route-directory.view.js';

const ROUTES = 'SELECT rules FROM read.route_directory WHERE route_table = $1';

/** Every rule, in the order in which they are tried. */
export async function listRoutes(db: Rows): Promise<Route[]> {
  const { rows } = await db.query(ROUTES, [ROUTE_TABLE]);
  const [table] = rows as Pick<RouteDirectoryRow, 'rules'>[]; // None: no rule was ever added.
  return (table?.rules ?? []).map((rule, i) => ({ ...rule, order: i + 1, method_class: onlyClassOf(rule), warnings: warningsOf(rule) }));
}

/** As earlier releases answered it. */
const onlyClassOf = ({ classes }: RouteEntry): MethodClass | null => (classes?.length === 1 ? (classes[0] ?? null) : null);
