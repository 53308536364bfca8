export { Disks } from './disks.js';
export type { DiskSpace } from './disks.js';
export { KeyLook } from './key-look.js';
export type { KeyObservation } from './key-look.js';
export { Guards } from './guards.js';
export { StrangersSource } from './strangers.js';
export { log } from './context.js';
export { acceptStream } from './write/accept-stream/accept-stream.decide.js';
