import type { StreamDifference } from './streams.js';

/** Limits of which more keeps more: a larger one takes nothing from what the release counts on. 0 and -1 are no limit. */
const MORE_KEEPS_MORE = ['max_bytes', 'max_age', 'max_msgs_per_subject', 'duplicate_window', 'num_replicas'];

/** Whether a stream guards less than this release counts on. What is not a limit has one good value. */
export function isWeaker({ field, declared, is }: StreamDifference): boolean {
  if (!MORE_KEEPS_MORE.includes(field) || typeof declared !== 'number' || typeof is !== 'number') return true;
  return unlimited(is) < unlimited(declared);
}

const unlimited = (limit: number): number => (limit <= 0 ? Infinity : limit);
