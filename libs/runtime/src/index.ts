export * from './contract.js';
export { natsAccessOf, startServers } from './servers.js';
export { onStopRequested } from './stop-requested.js';
