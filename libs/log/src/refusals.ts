import type { RefusalCatalogue } from '@app/kernel';

/** Every refusal of this context. A code is public and never changes; its words may. */
export const refusals = {
  'log.projection-unknown': {
    kind: 'not-found',
    title: 'Projection unknown',
    detail: 'No read model is called {name}.',
    next: 'List the projections to see their names.',
  },
  'log.projection-is-rollup': {
    kind: 'conflict',
    title: 'Roll-up cannot be folded again',
    detail: '{name} is a roll-up: the telemetry that it was made of is gone.',
    next: 'Leave it as it is; what was left out is counted in its list of parked rows.',
  },
  'log.message-unknown': {
    kind: 'not-found',
    title: 'Message unknown',
    detail: 'The stream keeps no message at {position}.',
    next: 'Take position and hash from the list of parked rows.',
  },
  'log.hash-differs': {
    kind: 'conflict',
    title: 'Another message',
    detail: 'The message at {position} has another hash than the one given.',
    next: 'Read the message at that position again, and confirm with the hash it has.',
  },
  'log.event-readable': {
    kind: 'conflict',
    title: 'Event is readable',
    detail: 'The event at {position} can be read, so it is part of the history and cannot be voided.',
    next: 'A row that stands still at it needs a corrected release; then retry the projection.',
  },
  'log.needs-release': {
    kind: 'conflict',
    title: 'Written by a newer release',
    detail: 'The event at {position} was written by a newer release, which can read it.',
    next: 'Upgrade to that release.',
  },
  'log.not-voidable': {
    kind: 'conflict',
    title: 'Fact about the log',
    detail: '{subject} holds facts about the log itself, which cannot be voided.',
    next: 'Nothing needs to be done: no read model is folded from them.',
  },
} as const satisfies RefusalCatalogue<'log'>;

export type Refused<Code extends keyof typeof refusals> = Code;
