import type { LogServerObservation, StreamObservation, StreamStateObservation } from '@app/event-store';
import { type LogObservation, logRule, natsRule, natsSilent, streamsRule } from './log.rules.js';

const server = (more: Partial<LogServerObservation> = {}): LogServerObservation => ({
  ...{ server: 'nats://127.0.0.1:4222', version: '2.12.1', roundTripMs: 1.23, facts: 'led', replicas: 1 },
  ...more,
});

describe('natsRule', () => {
  it.each<[string, Partial<LogServerObservation>, string, RegExp]>([
    ['one server that takes writes', {}, 'ok', /^nats:\/\/127.0.0.1:4222 answers in 1.2 ms, version 2.12.1; FACTS takes writes\.$/],
    ['a cluster with a majority', { replicas: 3 }, 'ok', /takes writes with a majority of 3 replicas\.$/],
    ['a leader without a majority', { facts: 'no-majority', replicas: 3 }, 'fail', /does not hear a majority of its 3 replicas\.$/],
    ['no leader', { facts: 'silent', replicas: 3 }, 'fail', /leader of FACTS does not answer/],
    ['no FACTS', { facts: 'missing' }, 'fail', /the stream FACTS is missing/],
    ['a server that tells no version', { version: null }, 'ok', /version unknown/],
  ])('judges %s', (_what, more, state, detail) => {
    expect(natsRule(server(more))).toMatchObject({ state, detail: expect.stringMatching(detail) });
  });

  it('fails when nothing answers, with the words of the client', () => {
    expect(natsSilent('nats://n:4222', 'connection disconnected')).toMatchObject({
      state: 'fail',
      detail: 'NATS at nats://n:4222 does not answer: connection disconnected.',
      next: expect.stringMatching(/nats-server/),
    });
  });
});

const stream = (name: string, more: Partial<StreamStateObservation> | null = {}): StreamObservation => ({
  name,
  state: more && {
    ...{ bytes: 10, maxBytes: 100, refusesWhenFull: true, firstSeq: 1, lastSeq: 40, missing: 0, differences: [] },
    ...more,
  },
});

describe('streamsRule', () => {
  const weaker = { words: 'discard is "old", not "new"', isWeaker: true };
  const stronger = { words: 'max_age is 9, not 8', isWeaker: false };

  it.each<[string, readonly StreamObservation[], string, string]>([
    ['streams as declared', [stream('FACTS'), stream('CALLS')], 'ok', 'FACTS, CALLS are as declared; FACTS is 10 %, CALLS 10 % full.'],
    ['a missing stream', [stream('FACTS'), stream('CALLS', null)], 'fail', 'The log lacks the stream CALLS.'],
    ['a weaker stream', [stream('FACTS', { differences: [weaker] })], 'fail', 'FACTS.discard is "old", not "new"'],
    ['a stronger stream', [stream('CALLS', { differences: [stronger] })], 'warn', 'CALLS.max_age is 9, not 8'],
    ['FACTS at 75 %', [stream('FACTS', { bytes: 75 })], 'warn', 'FACTS is 75 % full.'],
    ['FACTS just below 75 %', [stream('FACTS', { bytes: 74.9 })], 'ok', 'FACTS is 74 %'],
    ['FACTS at 95 %', [stream('FACTS', { bytes: 95 })], 'fail', 'FACTS is 95 % full: only facts that end something'],
    ['CALLS at 96 %', [stream('FACTS'), stream('CALLS', { bytes: 96 })], 'fail', 'CALLS is 96 % full: at 100 % every call'],
    ['a stream that drops its oldest', [stream('TELEMETRY', { bytes: 100, refusesWhenFull: false })], 'ok', 'TELEMETRY are as declared'],
    ['a stream without a limit', [stream('FACTS', { maxBytes: null, bytes: 1e12 })], 'ok', 'FACTS are as declared'],
  ])('judges %s', (_what, streams, state, words) => {
    expect(streamsRule(streams)).toMatchObject({ state, detail: expect.stringContaining(words) });
  });

  it('names the variables that enlarge what is full', () => {
    expect(streamsRule([stream('FACTS', { bytes: 80 }), stream('CALLS', { bytes: 90 })])).toMatchObject({
      detail: 'CALLS is 90 %, FACTS 80 % full.',
      next: expect.stringContaining('Set CALLS_MAX_BYTES and FACTS_MAX_BYTES higher'),
    });
    expect(streamsRule([stream('KV_ONCE', { bytes: 80 })]).next).not.toContain('MAX_BYTES');
  });

  it('says what is missing before what is weaker, and that before what is full', () => {
    const full = stream('FACTS', { bytes: 99, differences: [weaker] });
    expect(streamsRule([full, stream('CALLS', null)]).detail).toContain('lacks');
    expect(streamsRule([full]).detail).toContain('guard less');
  });
});

describe('logRule', () => {
  const readiness = (stream: 'FACTS' | 'CALLS' | 'TELEMETRY', more: object = {}) => ({
    stream,
    incarnation: 'ONE',
    isOpen: true,
    trouble: null,
    ...more,
  });
  const all = (more: object = {}) => [readiness('FACTS', more), readiness('CALLS'), readiness('TELEMETRY')];
  const marked = (more: object = {}) => ({ state: 'open', trouble: null, mark: { sequence: 38 }, ...more });
  const record = (more: object = {}) => ({ streams: { FACTS: marked(more), CALLS: marked(), TELEMETRY: marked() } }) as never;
  const rewound = { code: 'log.rewound', detail: 'FACTS ends at 40, and was seen up to 43' };
  const seen = (more: Partial<LogObservation> = {}): LogObservation => ({
    ...{ instanceId: 'inst-1', acceptLine: 'npm run log -- accept --confirm=inst-1', state: all(), record: record() },
    facts: { firstSeq: 1, lastSeq: 40, missing: 0 },
    ...more,
  });

  it.each<[string, Partial<LogObservation>, string, string]>([
    ['a log that continues', {}, 'ok', 'FACTS is whole up to f40, its mark is at 38.'],
    ['marks that cannot be read', { record: null }, 'ok', 'its marks could not be read'],
    ['an empty log', { facts: { firstSeq: 0, lastSeq: 0, missing: 0 } }, 'ok', 'whole up to f0'],
    ['a stream this process found closed', { state: all({ isOpen: false, trouble: rewound }) }, 'fail', 'seen up to 43 (log.rewound).'],
    ['a stream another process found closed', { record: record({ state: 'rewound', trouble: rewound }) }, 'fail', '(log.rewound)'],
    ['a stream not checked yet', { state: all({ isOpen: false }) }, 'warn', 'FACTS is not checked since the connection was lost'],
    ['an accept under way', { record: record({ state: 'accepting', trouble: rewound }) }, 'warn', 'An operator accepts FACTS as it is'],
    ['no log', { facts: null }, 'fail', 'the stream FACTS is missing'],
    ['a log with a hole', { facts: { firstSeq: 1, lastSeq: 40, missing: 2 } }, 'fail', 'FACTS lacks 2 events before position f40.'],
    ['a log that lost its beginning', { facts: { firstSeq: 2, lastSeq: 40, missing: 0 } }, 'fail', 'FACTS lacks 1 event before'],
    ['a log that was emptied', { facts: { firstSeq: 41, lastSeq: 40, missing: 0 } }, 'fail', 'FACTS lacks 40 events'],
  ])('judges %s', (_what, more, state, words) => {
    expect(logRule(seen(more))).toMatchObject({ state, detail: expect.stringContaining(words) });
  });

  it('names the line that accepts the log', () => {
    expect(logRule(seen({ facts: null })).next).toContain('npm run log -- accept --confirm=inst-1');
  });
});
