import type { Parked, Projection } from '../contract.js';

/** The one thing worth knowing at a glance. */
export function modelBrief({ state, parked, building, lag_events: behind, needs_release: release }: Projection): string {
  if (state === 'waiting') return `needs release >= ${release ?? '?'}`;
  if (state !== 'running') return state.replaceAll('_', ' ');
  if (building !== null) return 'rebuilding';
  if (parked > 0) return `${parked} parked`;
  return behind > 0 ? `${behind} behind` : 'up to date';
}

/** What is wrong with the whole model, and what to do; null: it goes on. */
export function modelAdvice({ state, error, needs_release: release }: Projection): string | null {
  switch (state) {
    case 'waiting':
      return `It met an event of a newer release. Upgrade to release ${release ?? 'that wrote it'} or newer; it goes on by itself.`;
    case 'halted':
      return 'Too many rows were parked at once, which points to a bug of this release. Nothing is lost. Upgrade to a corrected release, then retry.';
    case 'refused':
      return `${error ?? 'Its table is not the one that this release declares.'} It goes on when the table is another.`;
    case 'failed':
      return `${error ?? 'It failed.'} It tries again by itself; the log of the projector has the cause.`;
    case 'stopped':
    case 'not_running':
      return 'No process updates it. Start the projector.';
    case 'starting':
      return 'The projector opens its rows.';
    case 'standby':
      return 'Another process updates it.';
    case 'running':
      return null;
  }
}

/** Whether an operator has something to do or to wait for. */
export const isTroubled = ({ state, parked, building }: Projection): boolean => state !== 'running' || parked > 0 || building !== null;

const rows = (count: number): string => `${count} ${count === 1 ? 'row' : 'rows'}`;

/** What a retry came to, in one sentence. */
export function retriedWords(name: string, { released, parked }: { released: number; parked: number }): string {
  if (parked > 0) return `${name}: ${rows(parked)} still parked, the cause is still there`;
  return released > 0 ? `${name}: ${rows(released)} up to date again` : `${name}: nothing is parked`;
}

/** The stream of a position, as the address of the events names it. */
export const streamOfPosition = (position: string): { stream?: 'calls' | 'telemetry' } =>
  position.startsWith('c') ? { stream: 'calls' } : position.startsWith('t') ? { stream: 'telemetry' } : {};

export const unitKey = ({ unit, value }: Pick<Parked, 'unit' | 'value'>): string => `${unit} ${value}`;
