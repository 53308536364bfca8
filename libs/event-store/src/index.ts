export { CommandHandler } from './command-handler.js';
export type { Commanded } from './command-handler.js';
