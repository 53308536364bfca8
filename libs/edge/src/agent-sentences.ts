import { DetailReader, type Details, type Sentence, type Sentences, flappingSentence, tellerOf } from '../../kernel/src/sentences.js';
import type { AgentReason } from './events/agent-reason.js';

/** Each way a tunnel is lost that was not announced, by its code. */
const LOST: Readonly<Record<string, string>> = {
  silent: 'Nothing was heard of it, though its connection seemed to stand.',
  malformed: 'Its connection was closed: it did not keep to the protocol.',
  closed: 'The agent closed its connection without a goodbye.',
  superseded: 'Its connection was closed: another process had its identity.',
  broken: 'The connection broke without a goodbye.',
  started: 'This side started anew, and has not heard of it since.',
  slept: 'This side did not run for a moment, and has not heard of it since.',
  doubted: 'More than half of all tunnels broke at once: this side is doubted first.',
};

/** How it was lost; `alone`: that is not known. */
const gone =
  (alone: string): Sentence =>
  (of) => {
    const lost = LOST[of.text('lost')];
    if (of.has('stale')) return 'Gone for more than a day.';
    if (lost === undefined) return of.has('before') ? 'Gone since before this side last started.' : alone;
    if (of.has('coming_ms')) return `${lost} It has ${of.span('coming_ms')} to come back.`;
    return of.has('absent_ms') ? `${lost} It did not come back within ${of.span('absent_ms')}.` : lost;
  };

const orGone =
  (name: string, sentence: Sentence, alone: string): Sentence =>
  (of) =>
    of.has(name) ? sentence(of) : gone(alone)(of);

const starting: Sentence = (of) =>
  `Its tunnel stands; it counts as connected once that has lasted ${of.span('stable_ms')} and all was reported.`;

function silent(of: DetailReader): string {
  const since = of.has('last_sync_at') ? 'last_sync_at' : 'connected_at';
  return of.has(since)
    ? `It has not reported for ${of.since(since)}; it should every ${of.span('every_ms')}.`
    : `It has not reported for more than ${of.span('late_ms')}; it should every ${of.span('every_ms')}.`;
}

function gateways(of: DetailReader): string {
  const names = of.names('gateways');
  if (names.length === 0) return 'A gateway beside it does not serve; which and why stands with it.';
  if (names.length > 1) {
    const all = of.has('total') ? `${names.length} of its ${of.number('total')} gateways` : `${names.length} of its gateways`;
    return `${all} are not well: ${of.listed('gateways')}.`;
  }
  const serves = of.is('serves') ? 'serves, and is not well' : 'does not serve';
  return `Its gateway ${names[0]} ${serves}${of.has('said') ? `: ${of.text('said')}` : '.'}`;
}

function duplicates(of: DetailReader): string {
  if (!of.has('hostnames'))
    return of.has('over')
      ? 'Two processes shared its identity; neither has come for a while.'
      : gone('Two processes have its identity.')(of);
  return `Two processes take turns with its identity, on ${of.names('hostnames').join(' and ')}: stop one of them, and enroll it anew.`;
}

/** Why an agent is not connected as it should be, by reason. */
export const SENTENCES: Sentences<AgentReason> = {
  never_connected: () => 'Enrolled; it has not connected yet.',
  starting: orGone('stable_ms', starting, 'Its tunnel stands, and it has not reported everything yet.'),
  slow: orGone('p95_ms', (of) => `The p95 of its round trips is ${of.ms('p95_ms')}.`, 'Its round trips take long.'),
  heartbeat_late: orGone(
    'missed',
    (of) => `${of.number('missed')} of the last ${of.number('pings')} pings got no answer in time.`,
    'Its pings are not answered in time.',
  ),
  heartbeat_timeout: gone('Nothing was heard of it for too long.'),
  connection_lost: gone('Its connection was lost.'),
  sync_stale: orGone('every_ms', silent, 'It has not reported for too long.'),
  queue_backlog: orGone('share', (of) => `Its queue is ${of.share('share')} full.`, 'Its queue is nearly full.'),
  clock_skew: orGone('off_ms', (of) => `Its clock is off by ${of.span('off_ms')}.`, 'Its clock is off.'),
  dependency_down: orGone('gateways', gateways, 'A gateway beside it is not well.'),
  disk_full: (of) =>
    of.has('disk_share') ? `The disk of its host is ${of.fullness('disk_share')} full.` : 'The disk of its host is nearly full.',
  remote_goodbye: (of) => (of.has('stale') || of.has('before') ? gone('')(of) : 'The agent was stopped, and said goodbye.'),
  remote_restarting: (of) => {
    if (of.has('stale') || of.has('before')) return gone('')(of);
    return of.has('returning') ? 'It said goodbye, and when it will be back.' : 'It said goodbye and when it would be back, and is not.';
  },
  duplicate_identity: duplicates,
  revoked: (of) => `Revoked${of.text('note') === '' ? '.' : `: ${of.text('note')}`}`,
  flapping: flappingSentence,
  observer_unhealthy: (of) => (of.has('released') ? 'Released; it has not connected since.' : gone('This side could not see it.')(of)),
  held: () => 'Held since the log was accepted as it is: what the lost part said of this agent differs. An admin releases it.',
};

/** Why an agent is what it is, now. `last_sync_at` and `connected_at` stand beside the details in a row. */
export const agentSentence = tellerOf(SENTENCES, () => 'Connected; nothing is wrong.');

/** The sentence of a gateway that this side calls flapping. All others are the agent's own words. */
export const gatewayFlappingSentence = (details: Details): string => flappingSentence(new DetailReader(details, 0));
