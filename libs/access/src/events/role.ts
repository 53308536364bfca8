import type { Role } from '@app/http';

/** What events and commands take for a role; the same words as the door's. */
export const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];
