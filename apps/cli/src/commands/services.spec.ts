import { CliHarness } from '../testing/ap.js';
import { component } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());
const SERVICES = ['infrastructure', 'services'];

describe('list', () => {
  it('is a table', async () => {
    cli.api.components.push(
      component({
        component_id: 'gateway-berlin',
        kind: 'gateway',
        name: 'berlin',
        status: 'unknown',
        health: 'unknown',
        reason: 'dependency_down',
        latency_ms: null,
        p95_ms: null,
        last_good_at: null,
      }),
    );
    expect(await cli.ap([...SERVICES, 'list'])).toMatchObject({
      code: 0,
      err: '',
      out: `NAME        STATUS     FOR  LATENCY  P95    LAST SEEN  WHY
PostgreSQL  ● green    3h   3.2 ms   7 ms   now        -
Valkey      ▲ amber    38s  64 ms    64 ms  now        slow: p95 64 ms > 20 ms
berlin      ○ unknown  3h   -        -      -          dependency_down: Answers.
`,
    });
  });

  it.each([
    ['amber', 'valkey'],
    ['degraded', 'valkey'],
    ['up', 'postgresql'],
  ])('chooses by --status %s', async (status, id) => {
    const { out } = await cli.json([...SERVICES, 'list', '--status', status]);
    expect(out).toMatchObject({ schema: 'ap.infra.services.list/v1', data: [{ component_id: id }] });
    expect(out.data).toHaveLength(1);
  });

  it('says when there are more, or none', async () => {
    const { out, err } = await cli.ap([...SERVICES, 'list', '--limit', '1']);
    expect(out.split('\n')).toHaveLength(3);
    expect(err).toBe('(only the first 1 of 2, use --limit for more)\n');
    expect(await cli.ap([...SERVICES, 'list', '--status', 'red'])).toMatchObject({ out: '', err: 'No service is like that.\n' });
  });
});

describe('get', () => {
  it('shows one service with its last hour', async () => {
    expect(await cli.ap([...SERVICES, 'get', 'postgresql'])).toMatchObject({
      code: 0,
      out: `name         PostgreSQL
status       ● green
why          Answers.
since        2026-11-22 07:03:12Z (3h)
last good    2026-11-22 10:03:09Z
last probe   2026-11-22 10:03:09Z
next probe   2026-11-22 10:03:24Z
latency      3.2 ms, p95 of 60 min 7 ms
last 60 min  █░▃
target       127.0.0.1:5432/clawbutler
kind         postgresql
service      postgresql
version      18.4
critical     yes
evidence     t17 t18
observed     facts
`,
    });
  });

  it('names the gateways that only agents see with their roll-up', async () => {
    const agent_gateways = [
      { name: 'berlin-3/main', agent_id: 'edge-1', state: 'unreachable', health: 'down' } as const,
      { name: 'porto-7/lab', agent_id: 'edge-2', state: 'ready', health: 'unknown' } as const,
    ];
    const rollUp = { component_id: 'gateways', kind: 'gateways', name: 'Gateways' } as const;
    cli.api.components.push(component({ ...rollUp, agent_gateways_total: 120, agent_gateways }));
    expect((await cli.ap([...SERVICES, 'get', 'gateways'])).out).toContain(`
SEEN BY AN AGENT  STATE          AGENT ID
berlin-3/main     ⬣ unreachable  edge-1
porto-7/lab       ○ ready        edge-2
(only the first 2 of 120)
`);
  });

  it('colours a minute by the worst it saw', async () => {
    const { out } = await cli.ap([...SERVICES, 'get', 'postgresql'], { columns: 80 });
    expect(out).toContain('\u001b[32m█\u001b[0m\u001b[90m░\u001b[0m\u001b[31m▃\u001b[0m\n');
  });

  it('takes a name', async () =>
    expect((await cli.json([...SERVICES, 'get', 'Valkey'])).out).toMatchObject({
      schema: 'ap.infra.service/v1',
      data: { component_id: 'valkey' },
    }));

  it('says when there is none', async () =>
    expect(await cli.ap([...SERVICES, 'get', 'gateway/../x'])).toMatchObject({
      code: 3,
      out: '',
      err: 'ap: There is no component gateway/../x (services.component-unknown)\nnext: List the services.\n',
    }));

  it("says when it is the API's own observation", async () => {
    cli.api.components = [component({ observed: 'live' })];
    expect((await cli.ap([...SERVICES, 'get', 'postgresql'])).out).toContain('observed     live, by the API itself');
  });
});
