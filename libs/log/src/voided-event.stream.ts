import { streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** Whether a message of the log is voided, as its facts have it. */
export const voidedEvent = streamOf('log.event', events).folds<{ readonly hash: string } | null>({
  initial: null,
  evolve: { 'log.event.voided': (_before, { data: { hash } }) => ({ hash }) },
});
