import type { MethodClass } from '@app/a2a';

export type { MethodClass };

/** What a call may do at the agent it reaches. */
export const METHOD_CLASSES = ['read', 'send', 'admin'] as const satisfies readonly MethodClass[];
