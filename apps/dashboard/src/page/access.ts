import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.js';
import type { Role } from '../contract.js';

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether who is logged in may do what `role` may. The API decides; this only hides what it would refuse. */
export function useMay(role: Role): boolean {
  const { data } = useQuery(sessionQuery);
  return data !== undefined && RANK[data.role] >= RANK[role];
}
