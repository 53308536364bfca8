import { CliHarness } from '../testing/ap.js';
import { OPERATOR_TOKEN, VIEWER_TOKEN } from '../testing/fake-api.js';
import { HASH, parked, poisoned, projection, registered } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());
const PROJECTIONS = ['infrastructure', 'projections'];

describe('retry', () => {
  const RETRY = [...PROJECTIONS, 'retry', 'peer_directory'];
  beforeEach(() => {
    cli.api.log.projections = [projection({ parked: 2 }), projection({ name: 'peer_latest', kind: 'rollup' })];
    cli.api.log.parked.set('peer_directory', [parked(), parked({ unit: 'subject', value: 'facts.federation.peer.x' })]);
  });

  it('retries everything that is parked, and ends with 1 when some stay parked', async () => {
    cli.api.log.mended.add('lisbon-2');
    expect(await cli.ap(RETRY, { env: { AP_TOKEN: OPERATOR_TOKEN } })).toMatchObject({
      code: 1,
      out: 'projection    peer_directory\nreleased      1\nstill parked  1\n',
      err: 'next: the cause is still there; see it: ap infrastructure projections parked peer_directory\n',
    });
    expect(cli.api.seen.at(-1)!.body).toEqual({});
  });

  it.each([
    ['--row', 'lisbon-2', 'row'],
    ['--subject', 'facts.federation.peer.x', 'subject'],
  ])('retries what %s names', async (option, value, unit) => {
    cli.api.log.mended.add(value);
    const { code, out } = await cli.json([...RETRY, option, value]);
    expect([code, out]).toMatchObject([
      0,
      { schema: 'ap.infra.projections.retry/v1', data: { projection: 'peer_directory', released: 1, parked: 0 } },
    ]);
    expect(cli.api.seen.at(-1)!.body).toEqual({ unit, value });
    expect(cli.api.log.projections[0]!.parked).toBe(1);
  });

  it('says when nothing like that is parked', async () =>
    expect(await cli.ap([...RETRY, '--row', 'faro'])).toMatchObject({ code: 0, err: 'Nothing like that is parked.\n' }));

  it('refuses a row and a subject together', async () => {
    expect((await cli.ap([...RETRY, '--row', 'a', '--subject', 'b'])).code).toBe(2);
    expect(cli.api.seen).toEqual([]);
  });

  it('forwards what the server refuses', async () => {
    expect((await cli.ap(RETRY, { env: { AP_TOKEN: VIEWER_TOKEN } })).code).toBe(5);
    expect((await cli.ap([...PROJECTIONS, 'retry', 'nobody'])).code).toBe(3);
    expect(await cli.ap([...PROJECTIONS, 'retry', 'peer_latest'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('(log.projection-is-rollup)'),
    });
  });
});

describe('rebuild', () => {
  const REBUILD = [...PROJECTIONS, 'rebuild', 'peer_directory'];
  const BUILDING = { building: { position: 'f12', target: 'f40' } };
  const DONE = {
    building: null,
    state: 'running',
    rebuilt: { rows: 12, differences: 1, parked: 0, ended_at: '2026-02-01T12:00:00.000Z' },
  } as const;
  /** The projector opens the model again, and answers nothing about it meanwhile. */
  const SILENT = { building: null, state: 'not_running', rebuilt: null } as const;
  beforeEach(() => {
    cli.api.log.projections = [projection()];
  });

  it('begins, and says where its progress is shown', async () => {
    expect(await cli.ap(REBUILD)).toMatchObject({
      code: 0,
      out: 'rebuilding  peer_directory\n',
      err: expect.stringContaining('How far it is: ap infrastructure projections list\n'),
    });
    expect(cli.api.calls).toEqual(['POST /projections/peer_directory/rebuild']);
  });

  it('shows progress and the outcome with --wait, also while the projector opens the new rows', async () => {
    cli.api.log.progress = [BUILDING, BUILDING, SILENT, DONE];
    expect(await cli.ap([...REBUILD, '--wait'])).toMatchObject({
      code: 0,
      out: 'rebuilt      peer_directory\nrows         12\ndifferences  1\nparked       0\n',
      err: 'Rebuilding peer_directory: f12 of f40\nRebuilding peer_directory: the new rows take their place\n',
    });
  }, 15_000);

  it('answers one document with -o json', async () => {
    cli.api.log.progress = [DONE];
    expect(await cli.json([...REBUILD, '--wait=5s'])).toMatchObject({
      code: 0,
      err: '',
      out: { schema: 'ap.infra.projections.rebuild/v1', data: { projection: 'peer_directory', rebuilt: DONE.rebuilt }, warnings: [] },
    });
  });

  it('fails when the rebuild ended without an outcome', async () => {
    cli.api.log.progress = [{ building: null, state: 'running', rebuilt: null }];
    expect(await cli.ap([...REBUILD, '--wait'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('(cli.rebuild-stopped)'),
    });
  });

  it('takes the outcome of the rebuild before for none', async () => {
    cli.api.log.projections = [projection({ rebuilt: DONE.rebuilt })];
    cli.api.log.progress = [DONE];
    expect(await cli.ap([...REBUILD, '--wait'])).toMatchObject({ code: 1, err: expect.stringContaining('(cli.rebuild-stopped)') });
  });

  it('gives up in the end, and says that the rebuild goes on', async () => {
    cli.api.log.progress = [BUILDING];
    expect(await cli.ap([...REBUILD, '--wait', '1ms'])).toMatchObject({ code: 1, err: expect.stringContaining('(cli.waited-in-vain)') });
  });

  it('is refused to an operator, and of a read model that nobody knows', async () => {
    expect((await cli.ap(REBUILD, { env: { AP_TOKEN: OPERATOR_TOKEN } })).code).toBe(5);
    expect((await cli.ap([...PROJECTIONS, 'rebuild', 'nobody', '--wait'])).code).toBe(3);
  });
});

describe('void', () => {
  const VOID = [...PROJECTIONS, 'void', 'f13'];
  const REASON = ['--reason', 'sent by hand'];
  beforeEach(() => {
    cli.api.events = [{ ...poisoned }, registered];
    cli.api.log.raw.set('f13', { hash: HASH, headers: 'x-who: somebody', body: '{"a\u0000":\n1}' });
  });

  it('shows the raw event and names the command that voids it, while it is not confirmed', async () => {
    expect(await cli.ap(VOID)).toMatchObject({
      code: 2,
      out: `event        f13
type         -
subject      facts.federation.peer.lisbon-2
at           -
actor        -
readable     ▲ decode.missing-headers
why          It has no ce-type and ce-dataschema, so no event store wrote it.
id           -
correlation  -
causation    -
size         9 bytes
hash         ${HASH}

headers
x-who: somebody

body
{"a<U+0000>":
1}

`,
      err: `ap: Voiding the event at f13 cannot be undone, and needs its hash as confirmation (cli.not-confirmed)
next: if it is meant: ap infrastructure projections void f13 --confirm=${HASH} --reason "..."
`,
    });
    expect(cli.api.calls).toEqual(['GET /events/f13']);
  });

  it('tells a program the hash', async () => {
    const { code, out, err } = await cli.json(VOID);
    expect([code, out, JSON.parse(err)]).toMatchObject([
      2,
      undefined,
      { code: 'cli.not-confirmed', facts: { position: 'f13', hash: HASH } },
    ]);
  });

  it('voids what is confirmed with its hash and a reason', async () => {
    expect(await cli.ap([...VOID, `--confirm=${HASH}`, ...REASON])).toMatchObject({
      code: 0,
      out: 'voided  f13\n',
      err:
        'Rows that stood still because of it go on by themselves. What is left: ap infrastructure projections parked\n' +
        'What it was about is held until an admin releases it: ap infrastructure peers|routes|edge release, ap auth token release\n',
    });
    expect(cli.api.seen[0]).toMatchObject({
      method: 'POST',
      path: '/projections/void',
      body: { position: 'f13', hash: HASH, reason: 'sent by hand' },
      headers: { 'idempotency-key': expect.any(String) },
    });
    expect(cli.api.events[0]!.voided).toBe(true);
  });

  it('sends nothing without a reason', async () => {
    expect(await cli.ap([...VOID, `--confirm=${HASH}`])).toMatchObject({ code: 2, err: expect.stringContaining('--reason') });
    expect(cli.api.seen).toEqual([]);
  });

  it('forwards what the server refuses', async () => {
    expect((await cli.ap([...VOID, `--confirm=${'0'.repeat(64)}`, ...REASON])).err).toContain('(log.hash-differs)');
    expect((await cli.ap([...VOID, '--confirm=9f86d081', ...REASON])).code).toBe(2);
    expect((await cli.ap([...VOID, `--confirm=${HASH}`, ...REASON], { env: { AP_TOKEN: OPERATOR_TOKEN } })).code).toBe(5);
    expect((await cli.ap([...PROJECTIONS, 'void', 'f99'])).code).toBe(3);
    expect(cli.api.events[0]!.voided).toBe(false);
  });

  it.each([
    ['can be read', { unreadable: null }, 'projections retry'],
    ['is voided', { unreadable: null, voided: true }, 'nothing is left to do'],
    ['is of a newer release', { unreadable: { code: 'event.unknown', detail: 'Release 0.9.0 wrote it.' } }, 'upgrade to that release'],
    ['is telemetry', { stream: 'telemetry' as const }, 'telemetry ends by age'],
  ])('offers no command for an event that %s', async (_, over, next) => {
    Object.assign(cli.api.events[0]!, over);
    const { code, err } = await cli.ap(VOID);
    expect([code, err]).toEqual([2, expect.stringContaining(next)]);
    expect(err).not.toContain('--confirm');
  });
});
