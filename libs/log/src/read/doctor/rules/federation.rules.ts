import type { StrangersObservation } from '../../../strangers.js';
import { type Finding, ok, warn } from '../examination.js';

/** Strangers are no warning: else anybody who can send a request could set the exit status of the doctor. */
export function strangersRule(seen: StrangersObservation | null): Finding {
  if (seen === null)
    return warn(
      'No process answers that speaks with peers, so it is not known whom it refused.',
      'Start the federation process, or read its log.',
    );
  const { total, latest } = seen;
  if (total === 0) return ok('Every instance that asked here lately is registered.');
  const named = latest.map(
    ({ instance_id, key_id, since, last_at }) =>
      `${instance_id} (fingerprint ${key_id}, since ${toSecond(since)}, last at ${toSecond(last_at)})`,
  );
  const more = total > latest.length ? [`and ${total - latest.length} more`] : [];
  const who = total === 1 ? '1 instance that is not registered here is' : `${total} instances that are not registered here are`;
  return {
    ...ok(`${who} refused, as they say: ${[...named, ...more].join(', ')}.`),
    next: 'Register the one that is meant, with the secret of that fingerprint: ap infrastructure peers add. Anybody can use a name; nothing of theirs was let in.',
  };
}

const toSecond = (instant: string): string => instant.replace(/\.\d+Z$/, 'Z');
