import type { LogRecord, LogServerObservation, StreamCondition, StreamObservation, StreamStateObservation } from '@app/event-store';
import { type Finding, fail, ok, warn } from '../examination.js';

/** Shares of `max_bytes`. From the second on FACTS takes only facts that end something or take a right away. */
const FILLING = 0.75;
const RESERVE = 0.95;

/** Whether writes are synced is not known here: Service Health asks the monitor of NATS. */
export function natsRule({ server, version, roundTripMs, facts, replicas }: LogServerObservation): Finding {
  const answers = `${server} answers in ${ms(roundTripMs)}, version ${version ?? 'unknown'}`;
  const start = 'Start the NATS servers that are down. Nothing is written until a majority is back; then it goes on by itself.';
  switch (facts) {
    case 'silent':
      return fail(`${answers}, but the leader of FACTS does not answer: no fact can be written.`, start);
    case 'no-majority':
      return fail(`${answers}, but the leader of FACTS does not hear a majority of its ${replicas} replicas.`, start);
    case 'missing':
      return fail(`${answers}, but the stream FACTS is missing: no fact can be written.`, MISSING);
    case 'led':
      return ok(`${answers}; FACTS takes writes${replicas > 1 ? ` with a majority of ${replicas} replicas` : ''}.`);
  }
}

/** NATS itself does not answer. */
export const natsSilent = (server: string, words: string): Finding =>
  fail(
    `NATS at ${server} does not answer: ${words}.`,
    'See that nats-server runs and can be reached from this process, and read its log. Commands are refused until it answers.',
  );

const MISSING =
  'Find out what removed it before anything is started anew: a set-up would make it empty. See docs/operations.md, "Backup and restore".';
const SET_UP = 'Run the set-up of this release (a start of the standalone process does), or correct the stream by hand.';

/** Missing streams before weak ones before full ones: the first that is found is said. */
export function streamsRule(streams: readonly StreamObservation[]): Finding {
  const there = streams.flatMap(({ name, state }) => (state === null ? [] : [{ name, ...state }]));
  const missing = streams.filter(({ state }) => state === null).map(({ name }) => name);
  if (missing.length > 0) return fail(`The log lacks the stream${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`, MISSING);
  const weaker = differencesOf(there, true);
  if (weaker.length > 0) return fail(`Streams guard less than this release declares: ${weaker.join('; ')}.`, SET_UP);
  const shares = there
    .flatMap(({ name, bytes, maxBytes, refusesWhenFull }) =>
      maxBytes === null || !refusesWhenFull ? [] : [{ name, share: bytes / maxBytes }],
    )
    .toSorted((a, b) => b.share - a.share);
  const full = shares.filter(({ share }) => share >= RESERVE);
  if (full.length > 0) return fail(`${percents(full)} full: ${consequences(full)}.`, enlarge(full));
  const filling = shares.filter(({ share }) => share >= FILLING);
  if (filling.length > 0) return warn(`${percents(filling)} full.`, enlarge(filling));
  const other = differencesOf(there, false);
  if (other.length > 0)
    return warn(
      `Streams differ from what this release declares, and guard no less: ${other.join('; ')}. A process that starts may refuse them.`,
      SET_UP,
    );
  return ok(`${there.map(({ name }) => name).join(', ')} are as declared; ${percents(shares)} full.`);
}

type Named = StreamStateObservation & { readonly name: string };
type Share = { readonly name: string; readonly share: number };

const differencesOf = (streams: readonly Named[], weaker: boolean): string[] =>
  streams.flatMap(({ name, differences }) => differences.filter((one) => one.isWeaker === weaker).map(({ words }) => `${name}.${words}`));
const percents = (shares: readonly Share[]): string =>
  shares
    .map(({ name, share }, i) => `${name} is ${Math.floor(share * 100)} %`.replace(/^(\S+) is /, i === 0 ? '$1 is ' : '$1 '))
    .join(', ');
const consequences = (full: readonly Share[]): string =>
  full.map(({ name }) => CONSEQUENCE[name] ?? `${name} refuses more when it is full`).join('; ');
const CONSEQUENCE: Readonly<Record<string, string>> = {
  FACTS: 'only facts that end something or take a right away are still taken',
  CALLS: 'at 100 % every call between agents is refused',
  KV_ONCE: 'at 100 % signed requests of peers are refused',
};
const enlarge = (shares: readonly Share[]): string => {
  const variables = shares.flatMap(({ name }) => (name === 'FACTS' || name === 'CALLS' ? [`${name}_MAX_BYTES`] : []));
  if (variables.length === 0)
    return 'Wait two minutes and look again: nonces are forgotten by themselves; many at once are a flood of requests.';
  return `Set ${variables.join(' and ')} higher for every process, and start again: the set-up enlarges the stream.`;
};

const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** What is known of the log, in itself and outside it. */
export interface LogObservation {
  readonly instanceId: string;
  /** The line that accepts the log as it is. */
  readonly acceptLine: string;
  readonly state: readonly StreamCondition[];
  /** Identity and marks that PostgreSQL keeps; null: none, or it does not answer. */
  readonly record: Pick<LogRecord, 'streams'> | null;
  /** FACTS, which keeps every fact; null: missing. */
  readonly facts: Pick<StreamStateObservation, 'firstSeq' | 'lastSeq' | 'missing'> | null;
}

/** An accept that is under way before what led to it, that before what is not known yet. */
export function logRule({ instanceId, acceptLine, state: readiness, record, facts }: LogObservation): Finding {
  const choose = `Stop the system and put the right copy back, or go on with what is there, on the host: ${acceptLine}`;
  const accepting = readiness.filter(({ stream }) => record?.streams[stream].state === 'accepting').map(({ stream }) => stream);
  if (accepting.length > 0)
    return warn(
      `An operator accepts ${accepting.join(', ')} as it is; the read models are being compared.`,
      `When that was broken off, run it again: ${acceptLine}`,
    );
  const closed = readiness.flatMap(({ stream, trouble }) => {
    const { state, trouble: known } = record?.streams[stream] ?? { state: 'open', trouble: null };
    return trouble ?? (state === 'rewound' ? known : null) ?? [];
  });
  if (closed.length > 0)
    return fail(
      `The log does not continue what was seen of it: ${closed.map(({ code, detail }) => `${detail} (${code})`).join('; ')}.`,
      choose,
    );
  if (facts === null) return fail('There is no log: the stream FACTS is missing.', choose);
  const lost = (facts.lastSeq > 0 ? Math.max(0, facts.firstSeq - 1) : 0) + facts.missing;
  if (lost > 0) return fail(`FACTS lacks ${lost === 1 ? '1 event' : `${lost} events`} before position f${facts.lastSeq}.`, choose);
  const unchecked = readiness.filter(({ isOpen }) => !isOpen).map(({ stream }) => stream);
  if (unchecked.length > 0)
    return warn(
      `${unchecked.join(', ')} is not checked since the connection was lost: nothing is written there.`,
      'Wait for the leader of the stream, and run the doctor again.',
    );
  const mark = record === null ? 'its marks could not be read' : `its mark is at ${record.streams.FACTS.mark.sequence}`;
  return ok(`It is ${instanceId} and continues what was seen of it: FACTS is whole up to f${facts.lastSeq}, ${mark}.`);
}
