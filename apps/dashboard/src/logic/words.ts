import type { Health } from '../contract.js';

/** State is told three times: by shape, by word, by colour. */
export type Shape = 'disc' | 'triangle' | 'hexagon' | 'hollow' | 'key' | 'dashed' | 'pause' | 'question';

const SHAPES: Record<string, Shape> = {
  auth_failed: 'key',
  stale: 'hollow',
  pending: 'dashed',
  enrolled: 'dashed',
  suspended: 'pause',
  revoked: 'pause',
};
const BY_HEALTH: Record<Health, Shape> = { up: 'disc', degraded: 'triangle', down: 'hexagon', unknown: 'question' };

export const shapeOf = (status: string, health: Health): Shape => SHAPES[status] ?? BY_HEALTH[health];

const WORDS: Record<string, string> = { green: 'healthy', amber: 'degraded', red: 'down' };

/** The word an operator reads: the product's own, save that a traffic light is told by what it means. */
export const wordOf = (status: string): string => WORDS[status] ?? status.replaceAll('_', ' ');

export const HEALTH_WORDS: Record<Health, string> = { up: 'healthy', degraded: 'degraded', down: 'down', unknown: 'unknown' };

/** Worst first. Unknown ranks between trouble and health: nobody can tell. */
export const SEVERITY: Record<Health, number> = { down: 0, degraded: 1, unknown: 2, up: 3 };

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
