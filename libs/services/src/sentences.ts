import { type DetailReader, type Details, type Sentence, type Sentences, flappingSentence, tellerOf } from '../../kernel/src/sentences.js';
import type { Reason } from './events/reason.js';

/** A limit that is exceeded, in words: `gauge`, `value`, `limit`, and `of` where the component has several. */
const EXCEEDED: Readonly<Record<string, Sentence>> = {
  p95_ms: (of) => `Slow: p95 of the last probes is ${of.ms('value')}, the limit ${of.ms('limit')}.`,
  event_loop_ms: (of) => `Its event loop is ${of.ms('value')} late, the limit is ${of.ms('limit')}.`,
  connections: (of) => `${of.share('value')} of its connections are taken, the limit is ${of.share('limit')}.`,
  memory: (of) => `${of.share('value')} of its memory is taken, the limit is ${of.share('limit')}.`,
  storage: (of) => `${of.text('of') || 'Its store'} is ${of.share('value')} full, the limit is ${of.share('limit')}.`,
  lag_ms: (of) => `${of.text('of') || 'A projection'} is ${of.span('value')} behind the log, the limit is ${of.span('limit')}.`,
  stalled_ms: (of) => `${of.text('of') || 'A projection'} is behind the log and has not moved for ${of.span('value')}.`,
  starting_ms: (of) => `Still starting after ${of.span('value')}; ${of.span('limit')} should be enough.`,
};

/** What a probe found, whatever the reason: a limit that is exceeded, failures, or what the component said. */
const found: Sentence = (of) => {
  const said = of.text('said');
  const exceeded = EXCEEDED[of.text('gauge')];
  if (exceeded !== undefined) return exceeded(of);
  if (of.has('failures')) return `${of.number('failures')} probes in a row failed: ${said}`;
  if (of.has('failed')) return `${of.number('failed')} of the last ${of.number('probes')} probes failed${said === '' ? '.' : `: ${said}`}`;
  return said || 'No cause is known.';
};

/** `nats is full`, `nats is full and postgresql is down` */
function blocked(of: DetailReader): string {
  const full = of.names('full');
  const down = of.names('parents').filter((name) => !full.includes(name));
  const groups = [
    { names: full, state: 'full' },
    { names: down, state: 'down' },
  ].flatMap(({ names, state }) => (names.length === 0 ? [] : [`${names.join(' and ')} ${isOrAre(names.length)} ${state}`]));
  return `Cannot be judged while ${groups.join(' and ')}.`;
}

/** Something that this depends on: its parents, its members, or a part of its own. */
function dependency(of: DetailReader): string {
  if (of.has('parents')) return blocked(of);
  if (of.has('down')) {
    const which = of.names('critical').length > 0 ? `${of.listed('critical')} (critical)` : of.listed('down');
    return `${of.number('down_count')} of ${of.number('members')} gateways ${isOrAre(of.number('down_count'))} down: ${which}.`;
  }
  if (of.has('failing')) return `The gateway is not ready${of.names('failing').length === 0 ? '' : `: ${of.names('failing').join(', ')}`}.`;
  if (of.has('waits_for')) return `The API answers, but is not ready: it waits for ${of.names('waits_for').join(' and ')}.`;
  return found(of);
}

function unobserved(of: DetailReader): string {
  if (of.has('doubted')) return 'More than half of all components began to fail at once: the observer is doubted first.';
  if (of.has('unreadable'))
    return `Last seen probed at ${of.text('probed_at')}: what was found since cannot be read, as PostgreSQL is down.`;
  if (of.has('silent')) return `Last seen probed at ${of.text('probed_at')}: no prober seems to run.`;
  return of.has('probed_at') ? `No probe brought a result for ${of.since('probed_at')}.` : found(of);
}

function parked(of: DetailReader): string {
  const rows = of.number('rows');
  const stand = rows === 1 ? '1 row stands' : `${rows} rows stand`;
  return of.has('rows')
    ? `${stand} still at events that cannot be used, in ${of.names('read_models').join(', ')}; all others go on.`
    : found(of);
}

const starting: Sentence = (of) => (of.has('pending') ? `The gateway is starting: ${of.text('pending')}.` : found(of));

const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are');

/** Why a component is not green, by reason. */
export const SENTENCES: Sentences<Reason> = {
  never_connected: () => 'Not probed yet.',
  heartbeat_late: found,
  heartbeat_timeout: found,
  connect_refused: found,
  host_unreachable: found,
  network_unreachable: found,
  address_unavailable: found,
  outbound_denied: found,
  address_mismatch: found,
  peer_id_mismatch: found,
  own_address: found,
  dns_failure: found,
  tls_failure: found,
  tls_expiring: found,
  auth_rejected: found,
  signature_invalid: found,
  protocol_mismatch: found,
  version_unsupported: found,
  remote_goodbye: found,
  remote_restarting: found,
  superseded: found,
  duplicate_identity: found,
  revoked: found,
  suspended_by_operator: found,
  rate_limited: found,
  slow: found,
  error_rate: found,
  sync_stale: found,
  queue_backlog: found,
  clock_skew: found,
  one_way: found,
  dependency_down: dependency,
  maintenance: found,
  flapping: flappingSentence,
  observer_unhealthy: unobserved,
  starting,
  draining: found,
  pairing_required: found,
  unauthorised: found,
  not_openclaw: found,
  log_rewound: found,
  events_parked: parked,
};

const causeOf = tellerOf(SENTENCES, () => 'Nothing is wrong.');

/** A cause that is over and not yet believed to be: the status outlives it for a while. */
function ending(details: Details): string {
  const { clean_ms, calm, calm_of } = details;
  if (typeof clean_ms === 'number') return `Answers again; green after ${clean_ms / 1_000} s without a fault. It was: `;
  if (typeof calm === 'number' && typeof calm_of === 'number')
    return `Not so any more; green after ${calm_of} calm evaluations in a row, ${calm} so far. It was: `;
  return '';
}

/** Why a component is what it is, now. */
export const componentSentence: typeof causeOf = (reason, details, nowMs) => `${ending(details)}${causeOf(reason, details, nowMs)}`;
