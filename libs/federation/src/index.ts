export { FederationOptions } from './federation.options.js';
export { federation } from './room.js';
