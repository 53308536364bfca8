import { type Decider, newEvent, refuse } from '@app/kernel';
import { EventVoided } from '../../events/index.js';
import type { Refused } from '../../refusals.js';
import { voidedEvent } from '../../voided-event.stream.js';

/** The message that is to be voided, as the leader keeps it. */
export interface FoundMessage {
  readonly subject: string;
  readonly hash: string;
  /** Why no fold uses it; null: folds use it. */
  readonly unreadable: string | null;
}

/** What was asked, and what stands there; null: nothing does. */
export interface EventToVoid extends Pick<EventVoided, 'stream' | 'position' | 'hash' | 'reason'> {
  readonly found: FoundMessage | null;
}

type No = Refused<'log.message-unknown' | 'log.hash-differs' | 'log.not-voidable' | 'log.event-readable' | 'log.needs-release'>;

/** Facts about the log itself stay, or a void could hide a void. */
const OWN = 'facts.log.';

export const voidEvent: Decider<{ readonly hash: string } | null, EventToVoid, typeof EventVoided, No> = {
  on: ({ stream, position }) => voidedEvent.of(`${stream}-${position}`),
  decide: (voided, { data: { stream, position, hash, reason, found } }) => {
    if (found === null) return refuse('log.message-unknown', { position });
    if (found.hash !== hash) return refuse('log.hash-differs', { position });
    if (voided?.hash === hash) return []; // Asking twice is not an error.
    if (found.subject.startsWith(OWN)) return refuse('log.not-voidable', { subject: found.subject });
    if (found.unreadable === null) return refuse('log.event-readable', { position });
    if (found.unreadable === 'event.unknown') return refuse('log.needs-release', { position });
    return [newEvent(EventVoided, { stream, position, hash, reason })];
  },
};
