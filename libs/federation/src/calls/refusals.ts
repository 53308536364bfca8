import type { RefusalCatalogue } from '@app/kernel';

/** The refusals of calls. A code is public and never changes; its words may. */
export const refusals = {
  'federation.call-unknown': {
    kind: 'not-found',
    title: 'Call unknown',
    detail: 'No call {call_id} is on record.',
    next: 'List the calls of a peer to see which there are; what became of calls is kept for thirteen months.',
  },
} as const satisfies RefusalCatalogue<'federation'>;
