import { type DetailReader, type Sentence, type Sentences, flappingSentence, tellerOf } from '../../kernel/src/sentences.js';
import type { LinkReason } from './events/link-reason.js';

/** What came of the attempts to speak with a peer, whatever the reason: recovering, never verified, lost, late or refused. */
const attempted: Sentence = (of) => {
  const said = of.text('said');
  if (of.has('goods_needed')) return recovering(of);
  if (of.has('pending')) return `${waiting(of)} is not reached. ${said}`;
  if (of.has('attempts')) {
    const silence = of.has('last_good_at') ? `No answer for ${of.since('last_good_at')}` : 'It never answered';
    return `${silence}, ${of.number('attempts')} attempts failed: ${said}`;
  }
  if (of.has('late_ms')) return `Its last answer is older than ${of.span('late_ms')}.${after(said)}`;
  const key = of.has('other_key')
    ? ` It signs with another secret than this side: compare the fingerprints, its is ${of.text('other_key')}.`
    : '';
  return `${said || 'No cause is known.'}${key}`;
};

const recovering = (of: DetailReader): string =>
  of.number('goods') === 0
    ? 'It did not answer yet.'
    : `It answers again: ${of.number('goods')} of ${of.number('goods_needed')} answers, ${of.span('spacing_ms')} apart.`;

const waiting = (_of: DetailReader): string => 'Waiting for the mutual challenge: this side has registered the peer; the other side';

const rejected: Sentence = (of) =>
  of.has('pending') ? `${waiting(of)} refuses this instance: it has not registered it yet, or holds another secret.` : attempted(of);

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

const clock = (of: DetailReader): string =>
  `Its clock is ${of.span('clock_ahead_ms')} ${of.number('clock_ahead_ms') < 0 ? 'behind' : 'ahead of'} ours.`;

/** A cause that is over while the status outlives it, or the reason itself. */
const unlessRecovering =
  (sentence: Sentence): Sentence =>
  (of) =>
    of.has('goods_needed') ? recovering(of) : sentence(of);

const after = (said: string): string => (said === '' ? '' : ` ${said}`);

/** Why a peer is not connected, by reason. */
export const SENTENCES: Sentences<LinkReason> = {
  never_connected: (of) => (of.has('said') ? attempted(of) : `${waiting(of)} has not answered yet.`),
  heartbeat_late: attempted,
  heartbeat_timeout: attempted,
  connect_refused: attempted,
  dns_failure: attempted,
  tls_failure: attempted,
  auth_rejected: rejected,
  signature_invalid: attempted,
  protocol_mismatch: attempted,
  version_unsupported: attempted,
  suspended_by_operator: unlessRecovering(suspended),
  rate_limited: attempted,
  slow: unlessRecovering((of) => `Slow: the p95 of its last round trips is ${of.ms('p95_ms')}, the limit ${of.ms('limit_ms')}.`),
  error_rate: attempted,
  clock_skew: unlessRecovering((of) => `${clock(of)} Signatures fail beyond 5 min.`),
  one_way: unlessRecovering((of) => `It answers, but for more than ${of.span('late_ms')} none of its own heartbeats arrived here.`),
  flapping: flappingSentence,
  observer_unhealthy: unobserved,
};

/** Why a peer is what it is, now. `last_good_at` stands beside the details in a fact and in a row. */
export const peerSentence = tellerOf(SENTENCES, (of) => `Both sides hear each other.${of.has('clock_ahead_ms') ? ` ${clock(of)}` : ''}`);
