export { FederationOptions } from './federation.options.js';
export { CallerCheck } from './hop/caller-check.js';
export type { CheckedCaller } from './hop/caller-check.js';
export { callLog } from './read/call-log/call-log.projection.js';
export { peerCalls } from './read/peer-calls/peer-calls.projection.js';
export { peerDirectory } from './read/peer-directory/peer-directory.projection.js';
export { countPeers, getPeer, troubledPeers } from './read/peer-directory/peer-directory.query.js';
export type { Peer } from './read/peer-directory/peer-directory.view.js';
export { federation } from './room.js';
