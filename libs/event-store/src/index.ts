export { type LogUnderAccept, MarksAhead } from './accept-streams.js';
export { Appender } from './appender.js';
export type { Append, Appended } from './appender.js';
export { Browser } from './browse.js';
export type { Browse, Browsed, Listed, Shown } from './browse.js';
export { CallLog } from './call-log.js';
export type { CallRecord, Filled } from './call-log.js';
export { DiskWatch } from './disk-watch.js';
export type { DiskFull } from './disk-watch.js';
export { CommandHandler } from './command-handler.js';
export type { Commanded, ReadHow } from './command-handler.js';
export { Decoder, madeAt } from './decoder.js';
export type { Decoded } from './decoder.js';
export { Catalogue, eventId, typeOf } from './envelope.js';
export type { Context, RawMessage, Recorded } from './envelope.js';
export {
  AppendConflict,
  AppendRejected,
  AggregateUnreadable,
  KeyReused,
  LogFull,
  LogRefused,
  LogUnavailable,
  OutcomeUnknown,
  wroteNothing,
} from './errors.js';
export type { LogTroubleCode } from './errors.js';
export { EventStore, setUpEventStore, withLogUnderAccept } from './event-store.js';
export type { LogAccess } from './event-store.js';
export { ReadableAggregates } from './readable-aggregates.js';
export { EventSubscription } from './event-subscription.js';
export type { UnreadableSubject, FactReader } from './event-subscription.js';
export { folded } from './folded.js';
export { LogGap, LogRewound } from './consume.js';
export type { Batch, From } from './consume.js';
export { InstanceIdentity } from './identity.js';
export { LogInspector } from './log-inspector.js';
export type { ClockRead, LogServerObservation, StreamCondition, StreamObservation, StreamStateObservation } from './log-inspector.js';
export type { Trouble } from './log-check.js';
export { LogGate } from './log-gate.js';
export { logOf } from './log-place.js';
export { acceptLine } from './log-refusal.js';
export { LogAcceptance } from './log-acceptance.js';
export { LogMarks, MarksUnavailable, NO_MARK } from './log-marks.js';
export type { LogRecord, LogState, Mark, StreamMark } from './log-marks.js';
export { NatsClock, serverTimeOf } from './nats-clock.js';
export { NonceStore } from './nonce-store.js';
export { pause } from './pause.js';
export { Places } from './places.js';
export { RequestReply, Unanswered } from './request-reply.js';
export type { SetUp } from './set-up-streams.js';
export { SnapshotFailed, restoreStream, snapshotStream } from './stream-snapshot.js';
export type { SnapshotHead } from './stream-snapshot.js';
export { CALLS, DEFAULT_SIZES, FACTS, KEPT_STREAMS, StreamDrift, TELEMETRY, declared } from './streams.js';
export type { KeptStream, StreamSizes } from './streams.js';
export { isUnavailable, withUnavailable } from './unavailable.js';
export { Telemetry } from './telemetry.js';
export { Voids } from './voids.js';
export type { Voided } from './voids.js';
export type { Say } from './when-led.js';
export { OVERHEAD_BYTES } from './log-space.js';
