import type { RefusalCatalogue } from '@app/kernel';

/** Every no this context can say. The code is public and never changes; the words may. */
export const refusals = {
  'services.component-unknown': {
    kind: 'not-found',
    title: 'Component unknown',
    detail: 'No component {component_id} is watched.',
    next: 'List the services to see which there are; gateways are named in GATEWAYS.',
  },
  'services.verdict-overtaken': {
    kind: 'conflict',
    title: 'Verdict overtaken',
    detail: 'The log already has {component_id} as {status}; this verdict was reached from {from}.',
    next: 'Go on from what the log has.',
  },
} as const satisfies RefusalCatalogue<'services'>;

export type Refused<Code extends keyof typeof refusals> = Code;
