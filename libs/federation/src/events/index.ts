export { PeerLabelled } from './peer-labelled.event.js';
export { PeerRegistered } from './peer-registered.event.js';
export { PeerRemoved } from './peer-removed.event.js';
export { PeerResumed } from './peer-resumed.event.js';
export { PeerSuspended } from './peer-suspended.event.js';
export { PeerVerified } from './peer-verified.event.js';
export { RemotePeerReleased } from './remote-peer-released.event.js';
export { RemotePeerReserved } from './remote-peer-reserved.event.js';
export type { PeerId } from './peer-id.js';
