/** There is one table, so that its rules have one order. */
export const ROUTE_TABLE = 'main';
