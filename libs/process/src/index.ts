export { openPlumbing } from './plumbing.js';
export type { Access, Plumbing, RoomDoor } from './plumbing.js';
export { setUp } from './set-up.js';
export { explain, runUntilStopped } from './signals.js';
