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

/** What a probe found, whatever the reason: a limit that is exceeded, failures, or what the component said; `alone`: nothing of these. */
const found =
  (alone: string): Sentence =>
  (of) => {
    const said = of.text('said');
    const exceeded = EXCEEDED[of.text('gauge')];
    if (exceeded !== undefined) return exceeded(of);
    if (of.has('failures')) return `${of.number('failures')} probes in a row failed: ${said}`;
    if (of.has('failed'))
      return `${of.number('failed')} of the last ${of.number('probes')} probes failed${said === '' ? '.' : `: ${said}`}`;
    return said || alone;
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
  return found('Something that it depends on is not well.')(of);
}

function unobserved(of: DetailReader): string {
  if (of.has('doubted')) return 'More than half of all components began to fail at once: the observer is doubted first.';
  if (of.has('unreadable'))
    return `Last seen probed at ${of.text('probed_at')}: what was found since cannot be read, as PostgreSQL is down.`;
  if (of.has('silent')) return `Last seen probed at ${of.text('probed_at')}: no prober seems to run.`;
  return of.has('probed_at') ? `No probe brought a result for ${of.since('probed_at')}.` : found('Nobody could look at it.')(of);
}

function parked(of: DetailReader): string {
  const rows = of.number('rows');
  const stand = rows === 1 ? '1 row stands' : `${rows} rows stand`;
  return of.has('rows')
    ? `${stand} still at events that cannot be used, in ${of.names('read_models').join(', ')}; all others go on.`
    : found('Some rows stand still at events that cannot be used.')(of);
}

const starting: Sentence = (of) =>
  of.has('pending') ? `The gateway is starting: ${of.text('pending')}.` : found('The gateway is starting.')(of);

const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are');

/** Why a component is not green, by reason. */
export const SENTENCES: Sentences<Reason> = {
  never_connected: () => 'Not probed yet.',
  heartbeat_late: found('Its answers come late.'),
  heartbeat_timeout: found('No answer came in time.'),
  connect_refused: found('It refuses connections.'),
  host_unreachable: found('No way leads to its host.'),
  network_unreachable: found('This machine has no route to its network.'),
  address_unavailable: found('This machine has no address or port to connect from.'),
  outbound_denied: found('Its address is not allowed by the outbound rules.'),
  address_mismatch: found('It was asked by an address that is not its own.'),
  peer_id_mismatch: found('It has another instance id than the one that is registered.'),
  own_address: found('Its address leads to this instance.'),
  dns_failure: found('Its name leads to no address.'),
  tls_failure: found('The connection by TLS failed.'),
  tls_expiring: found('Its certificate ends soon.'),
  auth_rejected: found('It does not accept the credential.'),
  signature_invalid: found('Its answer is not signed as it should be.'),
  protocol_mismatch: found('Both sides speak no common version of the protocol.'),
  version_unsupported: found('Its version is not supported.'),
  remote_goodbye: found('It was stopped, and said so.'),
  remote_restarting: found('It restarts.'),
  superseded: found('Another process took its place.'),
  duplicate_identity: found('Two processes share its identity.'),
  revoked: found('It is revoked.'),
  suspended_by_operator: found('An operator suspended it.'),
  rate_limited: found('It takes no more requests for now.'),
  slow: found('It answers slowly.'),
  error_rate: found('Too many probes failed.'),
  sync_stale: found('What it shows is not up to date.'),
  queue_backlog: found('Too much waits there, or its store is full.'),
  clock_skew: found('Its clock is off.'),
  one_way: found('It answers, and nothing else arrives from it.'),
  dependency_down: dependency,
  maintenance: found('It is in maintenance.'),
  flapping: flappingSentence,
  observer_unhealthy: unobserved,
  starting,
  draining: found('It is about to stop.'),
  pairing_required: found('It waits to be paired.'),
  unauthorised: found('It does not take the token.'),
  not_openclaw: found('What answers there is no OpenClaw gateway.'),
  log_rewound: found('The log does not continue what was seen of it.'),
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
