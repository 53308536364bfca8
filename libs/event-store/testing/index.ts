export { Lifted, Put, add, put, shelf, thing } from './thing.js';
export type { ThingId } from './thing.js';
export { MemoryMarks } from './memory-marks.js';
export { MemoryLog } from './memory-log.js';
export type { Ports } from './memory-log.js';
export { SERVERS_ENV, openTestLog } from './test-log.js';
export type { TestLog } from './test-log.js';
export { muteProxy } from './mute-proxy.js';
export type { MuteProxy } from './mute-proxy.js';
