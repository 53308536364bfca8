import type { Role, TokenRole } from '@app/http';

/** The roles of people and programs that operate the instance; the same words as the endpoint's. Each may all that those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const satisfies readonly Role[];

/** The roles of service tokens. A login never has `caller`. */
export const TOKEN_ROLES = [...ROLES, 'caller'] as const satisfies readonly TokenRole[];
