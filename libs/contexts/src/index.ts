import { access } from '@app/access';
import { edge } from '@app/edge';
import { federation } from '@app/federation';
import { log } from '@app/log';
import type { ContextParts } from '@app/process';
import { services } from '@app/services';

/** Every context of the system, by its name. */
export const contexts = { access, federation, edge, services, log } as const;

/** Whose events every process knows, whose read models are projected, whose tables are set up. */
export const CONTEXTS: readonly ContextParts[] = Object.values(contexts);
