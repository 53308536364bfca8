import { streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** How often a stream was accepted. */
export const acceptedStream = streamOf('log.stream', events).folds<number>({
  initial: 0,
  evolve: { 'log.stream.accepted': (times) => times + 1 },
});
