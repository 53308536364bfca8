export { CommandHandler } from './command-handler.js';
export type { Commanded } from './command-handler.js';
export { InstanceIdentity } from './identity.js';
export { Telemetry } from './telemetry.js';
