/** What peers offers to the other modules of federation. */
export { peer } from './peer.stream.js';
export { fingerprintOf } from './private/peer-secrets.provider.js';
export type { CachedPeer } from './runtime/cached-peer.js';
export { boundedBody } from './runtime/bounded-body.js';
export { CallCounters } from './runtime/call-counters.provider.js';
export { type EnvelopeKey, signAnswer, signRequest } from './runtime/envelope.js';
export { type Admitted, type NotAdmitted, RequestAuthenticator, type Received } from './runtime/request-authenticator.provider.js';
export { PeerCache } from './runtime/peer-cache.provider.js';
export { refusals } from './refusals.js';
