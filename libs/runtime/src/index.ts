export * from './contract.js';
export { RESTORING } from './data-dir.js';
export { natsDiskFull } from './nats-disk.js';
export type { NatsDisk } from './nats-disk.js';
export { natsAccessOf, startServers } from './servers.js';
export { onStopRequested } from './stop-requested.js';
