export { openPlumbing } from './plumbing.js';
export type { Access, Plumbing, RoomDoor } from './plumbing.js';
export { runUntilSignalled } from './signals.js';
export { setUp } from './set-up.js';
