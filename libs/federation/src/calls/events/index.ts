export { CallAbandoned } from './call-abandoned.event.js';
export { CallAborted } from './call-aborted.event.js';
export { CallAccepted } from './call-accepted.event.js';
export { CallCompleted } from './call-completed.event.js';
export { CallDenied } from './call-denied.event.js';
export { CallFailed } from './call-failed.event.js';
export type { Direction } from './direction.js';
