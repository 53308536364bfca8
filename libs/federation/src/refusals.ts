import type { RefusalCatalogue } from '@app/kernel';
import { refusals as calls } from './calls/refusals.js';
import { refusals as peers } from './peers/refusals.js';
import { refusals as routing } from './routing/refusals.js';

/** The refusals of all modules of federation. */
export const refusals = { ...peers, ...routing, ...calls } as const satisfies RefusalCatalogue<'federation'>;
