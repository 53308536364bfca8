import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.js';
import type { Role } from '../contract.js';

/** A login never has the role `caller`. */
const RANK: Record<Role, number> = { caller: -1, viewer: 0, operator: 1, admin: 2 };

/** The role of the session; undefined: not known yet. */
export const useRole = (): Role | undefined => useQuery(sessionQuery).data?.role;

/** Whether who is logged in may do what `role` may. The API decides; this only hides what it would refuse. */
export function useMay(role: Role): boolean {
  const own = useRole();
  return own !== undefined && RANK[own] >= RANK[role];
}
