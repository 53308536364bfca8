export { Lifted, Put, Taken, add, put, shelf, take, takeAsBefore, thing } from './thing.js';
export type { ThingId } from './thing.js';
export { MemoryLog } from './memory-log.js';
export type { Ports } from './memory-log.js';
export { SERVERS_ENV, openTestLog } from './test-log.js';
export type { TestLog } from './test-log.js';
export { muteProxy } from './mute-proxy.js';
export type { MuteProxy } from './mute-proxy.js';
