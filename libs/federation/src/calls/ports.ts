/** What calls offers to the other modules of federation. */
export { CallRecorder } from './runtime/call-recorder.provider.js';
export type { CallAsked, CallEnding, OpenCall } from './runtime/call.js';
export { partyOf } from './runtime/party.js';
export { untilTomorrow } from './runtime/write-budget.js';
