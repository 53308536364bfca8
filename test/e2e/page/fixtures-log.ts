import type { Parked, Projection, RecordedEvent } from '../../../apps/dashboard/src/contract.js';
import { before, event } from './fixtures.js';

export const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const projection = (name: string, over: Partial<Projection> = {}): Projection => ({
  name,
  kind: 'projection',
  version: 4,
  stream: 'facts',
  state: 'running',
  health: 'up',
  position: 'f412',
  lag_events: 0,
  lag_seconds: 0,
  parked: 0,
  error: null,
  needs_release: null,
  building: null,
  rebuilt: null,
  ...over,
});

/** One of each kind that an operator may meet. */
export const projections = (): Projection[] => [
  projection('peer_directory', { health: 'degraded', parked: 3 }),
  projection('route_directory', {
    state: 'waiting',
    health: 'degraded',
    position: 'f388',
    lag_events: 24,
    lag_seconds: 260,
    error: 'The event federation.route.moved at 389 needs release 0.3.0 or newer.',
    needs_release: '0.3.0',
  }),
  projection('call_log', {
    state: 'halted',
    health: 'down',
    stream: 'calls',
    position: 'c7044',
    lag_events: 1204,
    lag_seconds: 61,
    error: 'Too many.',
  }),
  projection('agent_directory'),
  projection('component_minute', { kind: 'rollup', stream: 'telemetry', position: 't90112' }),
];

const unit = (value: string, over: Partial<Parked> = {}): Parked => ({
  unit: 'row',
  value,
  position: 'f414',
  subject: `facts.federation.peer.${value}`,
  type: 'federation.peer.labelled',
  code: 'decode.malformed-json',
  detail: 'Its body is not JSON.',
  voidable: true,
  hash: HASH,
  skipped: 0,
  release: '0.2.0',
  parked_at: before(4 * 60_000),
  ...over,
});

/** Of the peer directory. */
export const parked = (): Parked[] => [
  unit('peer-77c01d5e9a2b4410'),
  unit('peer-c4d7a0f1e8b26693', { position: 'f398', code: 'fold.threw', detail: 'The peer is not registered.', voidable: false }),
  unit('facts.federation.peer.x', {
    unit: 'subject',
    subject: 'facts.federation.peer.x',
    position: 'f415',
    type: '',
    code: 'decode.missing-headers',
    detail: 'It has no ce-type and ce-dataschema, so no event store wrote it.',
  }),
];

/** An event that no event store wrote says nothing of itself. */
const SILENT = { type: '', id: '', version: 0, at: '', actor: '', correlation_id: '', causation_id: '', data: null };

/** Newest first: without headers, not JSON, of a newer release, too large for a list, voided. */
export const unusable = (): RecordedEvent[] => [
  event({
    ...SILENT,
    position: 'f415',
    subject: 'facts.federation.peer.x',
    size: 9,
    unreadable: { code: 'decode.missing-headers', detail: 'It has no ce-type and ce-dataschema, so no event store wrote it.' },
  }),
  event({
    position: 'f414',
    type: 'federation.peer.labelled',
    subject: 'facts.federation.peer.peer-77c01d5e9a2b4410',
    at: before(4 * 60_000),
    data: null,
    size: 12,
    unreadable: { code: 'decode.malformed-json', detail: 'Its body is not JSON.' },
  }),
  event({
    position: 'f389',
    type: 'federation.route.moved',
    subject: 'facts.federation.routing.table',
    at: before(5 * 60_000),
    unreadable: { code: 'event.unknown', detail: 'Release 0.3.0 wrote it.' },
  }),
  event({
    position: 'f388',
    type: 'federation.peer.registered',
    subject: 'facts.federation.peer.peer-77c01d5e9a2b4410',
    at: before(6 * 60_000),
    data: null,
    size: 900_000,
  }),
  event({ ...SILENT, position: 'f387', subject: 'facts.federation.peer.peer-77c01d5e9a2b4410', at: 'yesterday', voided: true }),
];
