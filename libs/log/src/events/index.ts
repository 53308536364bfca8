export { EventVoided, VOIDABLE } from './event-voided.event.js';
export type { LogMessageId } from './event-voided.event.js';
export { StreamAccepted } from './stream-accepted.event.js';
