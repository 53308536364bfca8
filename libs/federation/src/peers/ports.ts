/** What peers offers to the other modules of federation. */
export { peer } from './peer.stream.js';
export { fingerprintOf } from './private/peer-secrets.provider.js';
export type { BookedPeer } from './runtime/booked-peer.js';
export { boundedBody } from './runtime/bounded-body.js';
export { CallCounters } from './runtime/call-counters.provider.js';
export { type EnvelopeKey, signAnswer, signRequest } from './runtime/envelope.js';
export { type Admitted, type NotAdmitted, PeerGate, type Received } from './runtime/gate.provider.js';
export { PeerBook } from './runtime/peer-book.provider.js';
export { refusals } from './refusals.js';
