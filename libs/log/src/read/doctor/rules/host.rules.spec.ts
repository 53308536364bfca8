import {
  type ClocksObservation,
  type DisksObservation,
  type PublicUrlObservation,
  aliasesRule,
  clockRule,
  diskRule,
  publicUrlRule,
} from './host.rules.js';

describe('clockRule', () => {
  const NOW = 1_000_000;
  const read = (aheadMs: number, takenMs = 0) => ({ beforeMs: NOW, theirMs: NOW + aheadMs, afterMs: NOW + takenMs });
  const same = read(0);

  it.each<[string, ClocksObservation, string, string]>([
    ['clocks that agree', { nats: same, postgresql: same }, 'ok', 'differ by less than 2 s'],
    ['1.9 s', { nats: read(1_999), postgresql: same }, 'ok', 'less than 2 s'],
    ['2 s ahead of us', { nats: read(2_000), postgresql: same }, 'warn', '2.0 s behind that of NATS.'],
    ['2 s behind us', { nats: same, postgresql: read(-2_000) }, 'warn', '2.0 s ahead of that of PostgreSQL.'],
    ['29.9 s', { nats: read(29_999), postgresql: same }, 'warn', 'that of NATS'],
    ['30 s', { nats: read(2_500), postgresql: read(-30_000) }, 'fail', '30.0 s ahead of that of PostgreSQL.'],
    ['a slow answer of a good clock', { nats: read(3_000, 4_000), postgresql: same }, 'ok', 'less than 2 s'],
    ['a clock that does not answer', { nats: null, postgresql: same }, 'warn', 'could not be compared with that of NATS.'],
    ['none that answers', { nats: null, postgresql: null }, 'warn', 'NATS and PostgreSQL'],
    ['one that is off and one that does not answer', { nats: null, postgresql: read(60_000) }, 'fail', 'behind that of PostgreSQL'],
  ])('judges %s', (_what, clocks, state, words) => {
    expect(clockRule(clocks)).toMatchObject({ state, detail: expect.stringContaining(words) });
  });
});

describe('diskRule', () => {
  const GIB = 1024 ** 3;
  const seen = (more: Partial<DisksObservation> = {}): DisksObservation => ({
    ...{ natsFull: undefined, postgresqlFull: false, spaces: [{ name: 'DATA_DIR', freeBytes: 12.5 * GIB }] },
    ...more,
  });

  it.each<[string, Partial<DisksObservation>, string, string]>([
    ['room enough', {}, 'ok', 'DATA_DIR has 12.5 GiB free.'],
    ['disks that cannot be seen', { spaces: [] }, 'ok', 'their free space is not known'],
    ['less than 1 GiB', { spaces: [{ name: 'DATA_DIR', freeBytes: 0.5 * GIB }] }, 'warn', 'DATA_DIR has 512 MiB free.'],
    ['a full disk of NATS', { natsFull: 'The disk of NATS is full: 3 MiB are left.' }, 'fail', '3 MiB are left'],
    ['a full disk of PostgreSQL', { postgresqlFull: true }, 'fail', 'The disk of PostgreSQL is full'],
  ])('judges %s', (_what, more, state, words) => {
    expect(diskRule(seen(more))).toMatchObject({ state, detail: expect.stringContaining(words) });
  });
});

describe('publicUrlRule', () => {
  const url = 'https://butler.example';

  it.each<[string, PublicUrlObservation, string, string]>([
    ['an instance that is ready', { url, status: 200, body: { status: 'ready', failing: [] } }, 'ok', `${url} answers and is ready.`],
    ['one that is not', { url, status: 503, body: { status: 'not_ready', failing: ['nats', 'peers'] } }, 'warn', 'not ready: nats, peers.'],
    ['the port of the API', { url, status: 200, body: { status: 'ready', failing: [], event_loop_ms: 1 } }, 'warn', 'the port of the API'],
    ['a page of a proxy', { url, status: 403, body: undefined }, 'warn', 'answers with status 403'],
    ['a JSON of something else', { url, status: 200, body: { status: 'ok' } }, 'warn', 'answers with status 200'],
    ['silence', { url, failed: 'connect ECONNREFUSED' }, 'warn', 'cannot be reached from this process: connect ECONNREFUSED.'],
  ])('judges %s', (_what, seen, state, words) => {
    expect(publicUrlRule(seen)).toMatchObject({ state, detail: expect.stringContaining(words) });
  });
});

describe('aliasesRule', () => {
  const nowMs = Date.parse('2027-01-01T00:00:00.000Z');
  it.each([
    [[], 'ok', 'by PUBLIC_URL only'],
    [[{ url: 'https://old.example', endsAt: '2027-03-01T00:00:00.000Z' }], 'ok', 'https://old.example until 2027-03-01T00:00:00.000Z'],
    [[{ url: 'https://old.example', endsAt: '2027-01-14T00:00:00.000Z' }], 'warn', 'https://old.example until 2027-01-14'],
    [[{ url: 'https://old.example', endsAt: '2027-01-01T00:00:00.000Z' }], 'warn', 'https://old.example ended at 2027-01-01'],
  ] as const)('lists %j as %s', (aliases, state, words) => {
    expect(aliasesRule({ aliases, nowMs })).toMatchObject({ state, detail: expect.stringContaining(words) });
  });
});
