export { NestLog, logger } from './log.js';
export type { Log } from './log.js';
