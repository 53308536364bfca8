import type { RefusalCatalogue } from '@app/kernel';

/** Every refusal of this context. A code is public and never changes; its words may. */
export const refusals = {} as const satisfies RefusalCatalogue<'log'>;

export type Refused<Code extends keyof typeof refusals> = Code;
