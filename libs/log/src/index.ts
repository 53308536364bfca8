export { Disks } from './disks.js';
export type { DiskSpace } from './disks.js';
export { log } from './room.js';
