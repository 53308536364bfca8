import { CliHarness } from '../testing/ap.js';
import { VIEWER_TOKEN } from '../testing/fake-api.js';
import { parked, projection } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());
const PROJECTIONS = ['infrastructure', 'projections'];
const viewer = { env: { AP_TOKEN: VIEWER_TOKEN } };

/** One of each state that an operator may meet. */
const all = () => [
  projection(),
  projection({ name: 'route_directory', health: 'degraded', parked: 2 }),
  projection({ name: 'call_log', stream: 'calls', position: 'c7', building: { position: 'c3', target: 'c7' } }),
  projection({
    name: 'token_directory',
    state: 'waiting',
    health: 'degraded',
    needs_release: '0.3.0',
    error: 'The event needs it.',
    lag_events: 9,
    lag_seconds: 260,
  }),
  projection({
    name: 'agent_directory',
    state: 'halted',
    health: 'down',
    error: 'Too many rows.',
    parked: 50,
    lag_events: 1204,
    lag_seconds: 61,
  }),
  projection({ name: 'agent_tunnels', state: 'failed', health: 'down', error: 'column "x" does not exist', lag_events: 3, lag_seconds: 2 }),
  projection({ name: 'peer_calls', state: 'refused', health: 'down', error: 'column note is missing' }),
  projection({ name: 'component_minute', kind: 'rollup', stream: 'telemetry', position: 't90', state: 'not_running', health: 'down' }),
];

describe('list', () => {
  it('shows state, lag and parked rows of each read model, and what to do', async () => {
    cli.api.log.projections = all();
    expect(await cli.ap([...PROJECTIONS, 'list'], viewer)).toMatchObject({
      code: 0,
      out: `NAME              STATE          BEHIND  LAG  PARKED  KIND        AT   WHY
peer_directory    ● running           -  -         -  projection  f40  -
route_directory   ▲ running           -  -         2  projection  f40  -
call_log          ● running           -  -         -  projection  c7   rebuilding: c3 of c7
token_directory   ▲ waiting           9  4m        -  projection  f40  needs release >= 0.3.0
agent_directory   ⬣ halted         1204  1m       50  projection  f40  too many rows parked: upgrade, then retry
agent_tunnels     ⬣ failed            3  2s        -  projection  f40  column "x" does not exist
peer_calls        ⬣ refused           -  -         -  projection  f40  column note is missing
component_minute  ⬣ not running       -  -         -  rollup      t90  -
`,
      err: `token_directory waits at an event of a newer release: upgrade to release 0.3.0 or newer, and it goes on by itself
agent_directory has halted, and nothing is lost: upgrade to a corrected release, then: ap infrastructure projections retry agent_directory
agent_tunnels has failed and tries again by itself; the log of the projector has the cause
peer_calls is refused, since its table is not the one that this release declares: run the release that made it, or do what the error says
component_minute is updated by no process: start the projector
(which rows are parked, and why: ap infrastructure projections parked)
`,
    });
    expect((await cli.json(['infra', 'projections', 'list'])).out).toMatchObject({
      schema: 'ap.infra.projections.list/v1',
      data: cli.api.log.projections,
    });
  });

  it('prints no advice while all is well', async () => {
    cli.api.log.projections = [projection()];
    expect((await cli.ap([...PROJECTIONS, 'list'])).err).toBe('');
  });

  it.each([80, 100, 140])('fits %i columns and keeps the state', async (columns) => {
    cli.api.log.projections = all();
    const { out } = await cli.ap([...PROJECTIONS, 'list'], { columns, env: { NO_COLOR: '1' } });
    const lines = out.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(out).toMatch(/^token_directory +▲ waiting +9 .*\s+needs release >= 0\.3\.0\nagent_directory +⬣ halted +1204 /m);
  });
});

describe('parked', () => {
  const two = () => {
    cli.api.log.projections = [
      projection(),
      projection({ name: 'route_directory', parked: 1 }),
      projection({ name: 'peer_calls', parked: 2 }),
    ];
    cli.api.log.parked.set('route_directory', [parked({ unit: 'subject', value: 'facts.federation.routing.table' })]);
    cli.api.log.parked.set('peer_calls', [
      parked({
        value: 'lisbon-2',
        position: 'c9',
        code: 'fold.threw',
        detail: 'No such call.',
        type: 'federation.call.ended',
        voidable: false,
      }),
      parked({ value: 'porto-1', position: 'c11', code: 'database.22021', detail: 'invalid byte sequence', voidable: false }),
    ]);
  };

  it('goes over all read models that have some', async () => {
    two();
    expect(await cli.ap([...PROJECTIONS, 'parked'], viewer)).toMatchObject({
      code: 0,
      out: `PROJECTION       PARKED                                  EVENT  FOR  CODE                    RELEASE  WHY
route_directory  subject facts.federation.routing.table  f13    4m   decode.missing-headers  0.2.0    It has no ce-type and ce-dataschema, so no event store wrote it.
peer_calls       row lisbon-2                            c9     4m   fold.threw              0.2.0    No such call.
peer_calls       row porto-1                             c11    4m   database.22021          0.2.0    invalid byte sequence
`,
      err: `next: see the event: ap infrastructure events get f13
      when the cause is gone: ap infrastructure projections retry route_directory
      when no release can read it, as an admin: ap infrastructure projections void f13
`,
    });
    expect(cli.api.calls).toEqual(['GET /projections', 'GET /projections/route_directory/parked', 'GET /projections/peer_calls/parked']);
  });

  it('lists one read model by its name, and offers no void where a release can read the event', async () => {
    two();
    const { out } = await cli.json([...PROJECTIONS, 'parked', 'peer_calls']);
    expect(out).toMatchObject({
      schema: 'ap.infra.projections.parked/v1',
      data: [
        { projection: 'peer_calls', unit: 'row', value: 'lisbon-2', code: 'fold.threw', hash: expect.stringMatching(/^9f86/) },
        { projection: 'peer_calls', value: 'porto-1' },
      ],
    });
    expect((await cli.ap([...PROJECTIONS, 'parked', 'peer_calls'])).err).not.toContain('void');
  });

  it('says how many there are beyond the limit', async () => {
    two();
    const { out, err } = await cli.ap([...PROJECTIONS, 'parked', '--limit', '2']);
    expect(out.trimEnd().split('\n')).toHaveLength(3);
    expect(err).toContain('(only the oldest 2 of 3)\n');
    expect((await cli.ap([...PROJECTIONS, 'parked', 'peer_calls', '--limit', '1'])).err).toContain('(only the oldest 1 of 2)\n');
  });

  it('counts what a roll-up left out', async () => {
    cli.api.log.projections = [projection({ name: 'peer_latest', kind: 'rollup', parked: 1 })];
    cli.api.log.parked.set('peer_latest', [parked({ skipped: 12, position: 't4' })]);
    expect((await cli.ap([...PROJECTIONS, 'parked'])).out).toContain('12 left out: It has no ce-type');
  });

  it('fits 80 columns', async () => {
    two();
    const { out } = await cli.ap([...PROJECTIONS, 'parked'], { columns: 80, env: { NO_COLOR: '1' } });
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(out).toMatch(
      /\nroute_directory +subject facts.* f13 +4m +decode\.missing-headers .*\n  It has no ce-type and ce-dataschema, so no event store wrote it\.\n/,
    );
  });

  it('says when nothing is parked, and when there is no such read model', async () => {
    cli.api.log.projections = [projection()];
    expect(await cli.ap([...PROJECTIONS, 'parked'])).toMatchObject({ code: 0, out: '', err: 'Nothing is parked.\n' });
    expect((await cli.ap([...PROJECTIONS, 'parked', 'peer_directory'])).err).toBe('Nothing is parked in peer_directory.\n');
    expect(await cli.ap([...PROJECTIONS, 'parked', 'nobody'])).toMatchObject({
      code: 3,
      err: 'ap: No read model is called nobody (log.projection-unknown)\nnext: List the projections to see their names.\n',
    });
    expect((await cli.ap([...PROJECTIONS, 'parked', 'a/../b'])).code).toBe(2);
  });
});
