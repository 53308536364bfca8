export { SessionClosed } from './session-closed.event.js';
export { SessionOpened } from './session-opened.event.js';
export { TokenHeld } from './token-held.event.js';
export { TokenIssued } from './token-issued.event.js';
export { TokenReleased } from './token-released.event.js';
export { TokenRevoked } from './token-revoked.event.js';
export type { SessionId } from './session-id.js';
export type { TokenId } from './token-id.js';
