import { type DetailReader, type Sentence, type Sentences, flappingSentence, tellerOf } from '../../../kernel/src/sentences.js';
import type { LinkReason } from './events/link-reason.js';

/**
 * What came of the attempts to speak with a peer, whatever the reason: recovering, never verified, lost, late or refused. `alone`: it is not
 * known. */
const attempted =
  (alone: string): Sentence =>
  (of) => {
    const said = of.text('said');
    if (of.has('goods_needed')) return recovering(of);
    if (of.has('pending')) return `${waiting(of)} is not reached. ${said}`;
    if (of.has('attempts')) {
      const noAnswer = of.has('last_good_at') ? `No answer for ${of.since('last_good_at')}` : 'It never answered';
      return `${noAnswer}, ${of.number('attempts')} attempts failed: ${said}`;
    }
    if (of.has('late_ms')) return `Its last answer is older than ${of.span('late_ms')}.${after(said)}`;
    return `${said || (of.has('answers') ? 'It answers.' : alone)}${refusal(of)}`;
  };

/** Why requests of the peer are refused here, as far as a signature proves it; or a hint, which anybody could give. */
function refusal(of: DetailReader): string {
  switch (of.text('refused')) {
    case 'clock':
      return ` Its requests are refused here since the clocks differ: its clock is ${offset(of)} ours, and signatures hold for 5 min.`;
    case 'address': {
      const ended = of.has('accepted_until') ? ` That address was accepted until ${of.text('accepted_until')}.` : '';
      return ` Its requests are refused here since they are signed for ${of.text('signed_for')}, and this instance is ${of.names('accepted').join(', ')}.${ended}`;
    }
    case 'peer_id':
      return ` The holder of its secret asks here as ${of.text('asks_as')}: compare remote_peer_id with the instance id of the other side.`;
  }
  if (of.has('other_key'))
    return ` Somebody who says to be it signs with another secret than this side: compare the fingerprints, its is ${of.text('other_key')}.`;
  return of.is('same_key')
    ? ' Somebody who says to be it names the fingerprint of our secret, and signs for another instance id, or by way of something that changes the request: compare remote_peer_id and the address there with those of this instance.'
    : '';
}

const recovering = (of: DetailReader): string =>
  of.number('goods') === 0
    ? 'It did not answer yet.'
    : `It answers again: ${of.number('goods')} of ${of.number('goods_needed')} answers, ${of.span('spacing_ms')} apart.`;

const waiting = (_of: DetailReader): string => 'Waiting for the mutual challenge: this side has registered the peer; the other side';

const rejected: Sentence = (of) =>
  of.has('pending')
    ? `${waiting(of)} refuses this instance: it has not registered it yet, or holds another secret.${refusal(of)}`
    : attempted('It does not accept the signature.')(of);

function suspended(of: DetailReader): string {
  if (of.has('held'))
    return 'Held since the log was accepted as it is: what the lost part said of this peer differs. An admin releases it.';
  if (of.has('by_them')) return 'It answers, but an operator there has suspended this instance: it takes no calls from here.';
  const note = of.text('note');
  const end = of.has('until') ? `until ${of.text('until')}` : 'until further notice';
  return `Suspended by an operator ${end}${note === '' ? '.' : `: ${note}`}`;
}

function unobserved(of: DetailReader): string {
  if (of.has('doubted')) return 'More than half of all peers fell silent at once: this instance is doubted first.';
  if (of.has('watched')) return `This instance has just begun to watch the link and has no answer yet.${after(of.text('said'))}`;
  return 'The peer is verified, but nobody is watching its link.';
}

const clock = (of: DetailReader): string => `Its clock is ${offset(of)} ours.`;
const offset = (of: DetailReader): string => `${of.span('clock_ahead_ms')} ${of.number('clock_ahead_ms') < 0 ? 'behind' : 'ahead of'}`;

const changed: Sentence = (of) =>
  `It shows the instance key ${of.text('shown')}, and ${of.text('pinned')} is pinned. If its operator made a new key there, an admin runs here: ap infrastructure peers pin <peer> --fingerprint ${of.text('shown')} (with its id for <peer>).`;
const missing: Sentence = (of) =>
  `It shows no instance key, and ${of.text('pinned')} is pinned. Ask its operator: an older release runs there, or its key is lost.`;
const unproven: Sentence = (of) =>
  `It names the instance key ${of.text('shown')}, and does not prove to hold it. Ask its operator whether a system in between or a copy of that instance answers.`;

/** A cause that is over while the status outlives it, or the reason itself. */
const unlessRecovering =
  (sentence: Sentence): Sentence =>
  (of) =>
    of.has('goods_needed') ? recovering(of) : sentence(of);

const after = (said: string): string => (said === '' ? '' : ` ${said}`);

/** Why a peer is not connected, by reason. */
export const SENTENCES: Sentences<LinkReason> = {
  never_connected: (of) => (of.has('said') ? attempted('It was never reached.')(of) : `${waiting(of)} has not answered yet.`),
  heartbeat_late: attempted('Its last answer is old.'),
  heartbeat_timeout: attempted('It does not answer.'),
  connect_refused: attempted('It refuses connections.'),
  host_unreachable: attempted('No way leads to its host.'),
  network_unreachable: attempted('This machine has no route to its network.'),
  address_unavailable: attempted('This machine has no address or port to connect from.'),
  outbound_denied: attempted('Its address is not allowed by the outbound rules.'),
  address_mismatch: unlessRecovering(attempted('It was asked by an address that is not its own.')),
  peer_id_mismatch: attempted('It has another instance id than the one that is registered.'),
  own_address: attempted('Its address leads to this instance.'),
  dns_failure: attempted('Its name leads to no address.'),
  tls_failure: attempted('The connection by TLS failed.'),
  auth_rejected: rejected,
  signature_invalid: attempted('Its answers are not signed as they should be.'),
  protocol_mismatch: attempted('Both sides speak no common version of the protocol.'),
  version_unsupported: attempted('Its version is not supported.'),
  suspended_by_operator: unlessRecovering(suspended),
  rate_limited: attempted('It takes no more requests for now.'),
  slow: unlessRecovering((of) =>
    of.has('p95_ms')
      ? `Slow: the p95 of its last round trips is ${of.ms('p95_ms')}, the limit ${of.ms('limit_ms')}.`
      : 'It answers slowly.',
  ),
  error_rate: attempted('Too many requests to it fail.'),
  clock_skew: (of) => {
    if (of.has('said') || of.has('goods_needed')) return attempted('Its clock is off.')(of);
    return of.has('clock_ahead_ms') ? `${clock(of)} Signatures fail beyond 5 min.` : 'Its clock is off.';
  },
  one_way: unlessRecovering(
    (of) =>
      `It answers, but ${of.has('late_ms') ? `for more than ${of.span('late_ms')} ` : ''}none of its own heartbeats arrived here.${refusal(of)}`,
  ),
  key_changed: unlessRecovering(changed),
  key_missing: unlessRecovering(missing),
  key_unproven: unlessRecovering(unproven),
  flapping: flappingSentence,
  observer_unhealthy: unobserved,
};

/** Why a peer is what it is, now. `last_good_at` stands beside the details in a fact and in a row. */
export const peerSentence = tellerOf(SENTENCES, (of) => `Both sides hear each other.${of.has('clock_ahead_ms') ? ` ${clock(of)}` : ''}`);
