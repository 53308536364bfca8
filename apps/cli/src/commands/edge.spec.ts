import { CliHarness } from '../testing/ap.js';
import { ADMIN_TOKEN, VIEWER_TOKEN } from '../testing/fake-api.js';
import { agent, dead, gateway } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
  cli.api.edge.agents.push(agent(), dead);
});
afterEach(() => cli.close());

const EDGE = ['infrastructure', 'edge'];

describe('list', () => {
  it('is a table; of one that is gone it shows what is last known', async () => {
    expect(await cli.ap([...EDGE, 'list'])).toMatchObject({
      code: 0,
      err: '',
      out: `NAME      HOST            STATUS          FOR  RTT    UPTIME  LAST SYNC  LAST SEEN  COST                   AGENT ID  WHY
berlin-3  berlin-3.local  ● connected     2h   31 ms  5h      20s ago    now        $4.10                  edge-1    -
porto-7   porto-7.local   ⬣ disconnected  4m   -      55m     6m ago     5m ago     ≥ $9.50 on 2026-11-21  edge-2    heartbeat_timeout: No frames for 50 s, grace over.
`,
    });
  });

  it.each([60, 80, 100])('fits %i columns, and keeps the name and the state', async (columns) => {
    const { out } = await cli.ap([...EDGE, 'list'], { columns, env: { NO_COLOR: '1' } });
    const lines = out.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(out).toMatch(/^porto-7 .* ⬣ disconnected {2}.*\n {2}heartbeat_timeout: No frames for 50 s, grace over\.$/m);
  });

  it('shows handshakes that were rejected, with the cause and when', async () => {
    const sentence = 'It asks by http://localhost:4601, which is not of this instance.';
    const rejected = {
      count: 3,
      reason: 'address_mismatch',
      sentence,
      address: 'http://localhost:4601',
      last_at: '2026-11-22T10:02:12Z',
    } as const;
    cli.api.edge.agents[0] = agent({ status: 'enrolled', health: 'unknown', reason: 'never_connected', sentence: 'Enrolled.', rejected });
    const told = `3 handshakes rejected, the last 1m ago: ${sentence}`;
    expect((await cli.ap([...EDGE, 'list'])).out).toContain(told);
    expect((await cli.ap([...EDGE, 'get', 'edge-1'])).out).toMatch(new RegExp(`^rejected +${told}`, 'm'));
  });

  it('lets the server choose', async () => {
    const { out } = await cli.json([...EDGE, 'list', '--status', 'disconnected', '--search', 'porto']);
    expect(out).toMatchObject({ schema: 'ap.infra.edge.list/v1', position: 'f40', data: [{ agent_id: 'edge-2' }] });
    expect(cli.api.seen[0]!.query).toEqual({ status: 'disconnected', q: 'porto', limit: '50' });
  });

  it('says when there are more, or none, and how to begin', async () => {
    expect((await cli.ap([...EDGE, 'list', '--limit', '1'])).err).toBe('(only the first 1, use --limit for more)\n');
    expect((await cli.ap([...EDGE, 'list', '--status', 'stale'])).err).toBe('No edge agent is like that.\n');
    cli.api.edge.agents.length = 0;
    expect(await cli.ap([...EDGE, 'list'])).toMatchObject({
      code: 0,
      out: '',
      err: 'No edge agent is enrolled. Enrol one: ap infrastructure edge enroll --help\n',
    });
  });
});

describe('get', () => {
  it('shows one agent, its gateways and the cost of the day', async () => {
    cli.api.edge.agents[0] = agent({
      gateways: [
        gateway(),
        gateway({
          ...{ name: 'second', state: 'unreachable', health: 'down', capability: 'none', sessions: null },
          ...{ reason: 'connect_refused', sentence: 'No.' },
        }),
        gateway({
          ...{
            name: 'third',
            health: 'degraded',
            reason: 'dependency_down',
            sentence: 'The gateway is ready; channel telegram is not connected.',
          },
          ...{ tier_limit: 'scopes_withheld', tier_advice: 'Run the agent on the machine of the gateway.' },
          channels: [
            { name: 'a2a', connected: true, lifecycle: 'ready', error: null, down_since: null },
            { name: 'telegram', connected: false, lifecycle: 'recovering', error: 'timeout', down_since: '2026-11-22T09:51:12.000Z' },
            { name: 'webhook', connected: null, lifecycle: 'ready', error: null, down_since: null },
          ],
        }),
      ],
    });
    expect(await cli.ap([...EDGE, 'get', 'berlin-3'])).toMatchObject({
      code: 0,
      err: '',
      out: `name             berlin-3
status           ● connected
why              Its tunnel answers.
since            2026-11-22 08:03:12Z (2h)
expected back    -
host             berlin-3.local
host load        cpu 12 %, memory 40 %, disk 57 %, at 2026-11-22 10:02:52Z
uptime           5h
connected        2026-11-22 08:03:12Z
last heartbeat   2026-11-22 10:03:09Z
last sync        2026-11-22 10:02:52Z
round trip       31 ms
cost             $4.10 on 2026-11-22, 120,000 tokens
                 large: $4.10, 120,000 tokens
cost by agent    clerk at main: $3.10, 90,000 tokens
                 other: $1.00, 30,000 tokens
version          0.1.0 on linux 6.12
agent id         edge-1
key fingerprint  ef56ab78
lifecycle        active
enrolled         2026-11-21 10:03:12Z by token:t-admin
evidence         f22 t40
gateways         3

GATEWAY   STATE          TIER   VERSION   UPTIME  LATENCY  SESSIONS  WHY
openclaw  ● ready        probe  2026.9.6  3h      4.2 ms          3  -
second    ⬣ unreachable  none   2026.9.6  3h      4.2 ms          -  connect_refused: No.
third     ▲ ready        probe  2026.9.6  3h      4.2 ms          3  dependency_down: The gateway is ready; channel telegram is not connected.

third  channel a2a: connected
third  channel telegram: not connected for 12m (timeout)
third  channel webhook: ready
third  tier probe. Run the agent on the machine of the gateway.
`,
    });
    expect((await cli.json([...EDGE, 'get', 'edge-1'])).out).toMatchObject({
      schema: 'ap.infra.edge/v1',
      data: { agent_id: 'edge-1' },
    });
  });

  it('never shows the gateway of an agent that is gone as well', async () => {
    const { out } = await cli.ap([...EDGE, 'get', 'porto-7']);
    expect(out).toContain('\nuptime           55m\n');
    expect(out).toContain('\ncost             ≥ $9.50 on 2026-11-21, 200,000 tokens, not up to date\n');
    expect(out).toContain('\ngateways         1, as last known at 2026-11-22 09:57:12Z\n');
    expect(out).toContain('\nopenclaw  ○ ready  ');
  });

  it('tells of a gateway that does not answer of when its version is', async () => {
    const known = { known_at: '2026-11-22T09:58:12.000Z', uptime_ms: 7_200_000, latency_ms: null, sessions: null };
    cli.api.edge.agents[0] = agent({
      gateways: [gateway({ ...known, state: 'unreachable', health: 'down', reason: 'connect_refused', sentence: 'Nothing listens.' })],
    });
    const { out } = await cli.ap([...EDGE, 'get', 'berlin-3']);
    expect(out).toMatch(
      /^openclaw {2}⬣ unreachable {2}probe {2}2026\.9\.6 {2}2h .* Nothing listens\. Its version and uptime are of 5m ago\.$/m,
    );
  });

  it('says nothing about the load of a host that was never told', async () => {
    cli.api.edge.agents[0] = agent({ host: null });
    expect((await cli.ap([...EDGE, 'get', 'berlin-3'])).out).toContain('\nhost load        -\n');
    cli.api.edge.agents[0] = agent({ host: { cpu_ratio: null, mem_ratio: null, disk_ratio: 0.93, at: '2026-11-22T10:02:52.000Z' } });
    expect((await cli.ap([...EDGE, 'get', 'berlin-3'])).out).toContain('\nhost load        disk 93 %, at 2026-11-22 10:02:52Z\n');
  });

  it('takes the one in use for a label that a revoked and an archived one have as well', async () => {
    const over = [{ lifecycle: 'revoked', status: 'revoked' } as const, { archived_at: '2026-11-22T09:00:00.000Z' }];
    over.forEach((fields, i) => cli.api.edge.agents.push(agent({ agent_id: `over-${i}`, ...fields })));
    expect((await cli.json([...EDGE, 'get', 'berlin-3'])).out).toMatchObject({ data: { agent_id: 'edge-1' } });
    cli.api.edge.agents[0] = agent({ archived_at: '2026-11-22T10:00:00.000Z' });
    expect(await cli.ap([...EDGE, 'get', 'berlin-3'])).toMatchObject({ code: 2, err: expect.stringContaining('edge-1, over-0, over-1') });
  });

  it('does not guess, and says when there is none', async () => {
    cli.api.edge.agents.push(agent({ agent_id: 'edge-3' }));
    expect(await cli.ap([...EDGE, 'get', 'berlin-3'])).toMatchObject({
      code: 2,
      err: 'ap: 2 edge agents have the label berlin-3 (cli.agent-ambiguous)\nnext: name one by its id: edge-1, edge-3\n',
    });
    expect(await cli.ap([...EDGE, 'get', 'faro'])).toMatchObject({
      code: 3,
      err: 'ap: No edge agent has the id or the label faro (cli.agent-unknown)\nnext: see which there are: ap infrastructure edge list\n',
    });
  });
});

describe('ping', () => {
  it('says how long the way there and back is', async () => {
    expect(await cli.ap([...EDGE, 'ping', 'berlin-3'])).toMatchObject({
      code: 0,
      err: '',
      out: `agent       edge-1 (berlin-3)
ping        ● answered
why         It answered through its tunnel.
round trip  31 ms
`,
    });
    expect((await cli.json([...EDGE, 'ping', 'edge-1'])).out).toMatchObject({
      schema: 'ap.infra.edge.ping/v1',
      data: { agent_id: 'edge-1', ok: true, rtt_ms: 31 },
    });
  });

  it('ends with 1 when nothing comes back', async () => {
    cli.api.edge.ping = { ok: false, rtt_ms: null, sentence: 'It has no tunnel.' };
    expect(await cli.ap([...EDGE, 'ping', 'edge-2'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('ping        ⬣ not answered\nwhy         It has no tunnel.\nround trip  -\n'),
      err: 'next: see how it is, and since when: ap infrastructure edge get edge-2\n',
    });
    expect(await cli.json([...EDGE, 'ping', 'edge-2'])).toMatchObject({ code: 1, err: '', out: { data: { ok: false } } });
  });

  it('tells when there is nobody who holds tunnels', async () => {
    cli.api.edge.isRunning = false;
    expect(await cli.ap([...EDGE, 'ping', 'edge-1'])).toMatchObject({
      code: 1,
      err: 'ap: No edge process answers (edge.not-running)\nnext: Start it, then try again.\n',
    });
  });
});

describe('archive', () => {
  const ids = async (...options: string[]): Promise<string[]> =>
    ((await cli.json([...EDGE, 'list', ...options])).out as { data: { agent_id: string }[] }).data.map(({ agent_id }) => agent_id);

  it('takes an agent out of the list, and shows what became of it', async () => {
    const { code, out, err } = await cli.ap([...EDGE, 'archive', 'porto-7']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/\nporto-7 .* disconnected /);
    const [archived, read] = cli.api.seen.slice(-2);
    expect(archived).toMatchObject({ path: '/edge-agents/edge-2/archive', body: {} });
    expect(read).toMatchObject({ path: '/edge-agents/edge-2', query: { after: 'f41' } });
    expect(await ids()).toEqual(['edge-1']);
    expect(await ids('--archived')).toEqual(['edge-2']);
    expect((await cli.ap([...EDGE, 'get', 'porto-7'])).out).toContain('\narchived         2026-11-22 10:03:12Z\n');
  });

  it('is undone by the label that an agent in use may have, too', async () => {
    cli.api.edge.agents.push(agent({ agent_id: 'edge-3', archived_at: '2026-11-22T09:00:00.000Z' }));
    expect((await cli.json([...EDGE, 'unarchive', 'berlin-3'])).out).toMatchObject({
      schema: 'ap.infra.command/v1',
      data: { agent_id: 'edge-3', agent: { archived_at: null } },
    });
    expect(await ids('--archived')).toEqual([]);
    expect(await cli.ap([...EDGE, 'list', '--archived'])).toMatchObject({ out: '', err: 'No edge agent is like that.\n' });
  });

  it('names the list to look at when nothing archived has the label', async () => {
    expect(await cli.ap([...EDGE, 'unarchive', 'berlin-3'])).toMatchObject({
      code: 3,
      err: 'ap: No edge agent has the id or the label berlin-3 (cli.agent-unknown)\nnext: see which there are: ap infrastructure edge list --archived\n',
    });
  });

  it('is for operators', async () => {
    for (const what of ['archive', 'unarchive'])
      expect((await cli.ap([...EDGE, what, 'edge-1'], { env: { AP_TOKEN: VIEWER_TOKEN } })).code).toBe(5);
  });
});

describe('revoke', () => {
  const REVOKE = [...EDGE, 'revoke', 'berlin-3'];

  it.each([['--confirm=edge-1'], ['--confirm=berlin-3']])('revokes with %s, and shows what became of it', async (confirm) => {
    const { code, out, err } = await cli.ap([...REVOKE, confirm, '--note', 'laptop lost']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/\nberlin-3  berlin-3\.local  ○ revoked  0s .+ revoked: Revoked by an operator\.\n$/);
    const [revoked, read] = cli.api.seen.slice(-2);
    expect(revoked).toMatchObject({ path: '/edge-agents/edge-1/revoke', body: { note: 'laptop lost' } });
    expect(read).toMatchObject({ path: '/edge-agents/edge-1', query: { after: 'f41' } });
  });

  it('is a command document', async () => {
    const { out } = await cli.json([...REVOKE, '--confirm=berlin-3']);
    expect(out).toMatchObject({
      schema: 'ap.infra.command/v1',
      position: 'f41',
      data: { agent_id: 'edge-1', agent: { status: 'revoked' } },
    });
  });

  it('asks in a terminal before it revokes an agent, and goes on only with its name', async () => {
    const wrong = await cli.ap(REVOKE, { columns: 100, typed: 'berlin\n' });
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('Revoking berlin-3 cannot be undone. Type its name to go on: ')]);
    expect(wrong.err).toContain('berlin is not the edge agent berlin-3');
    expect((await cli.ap(REVOKE, { columns: 100, typed: '\n' })).code).toBe(2);
    expect(cli.api.edge.agents[0]).toMatchObject({ lifecycle: 'active' });
    expect((await cli.ap(REVOKE, { columns: 100, typed: 'berlin-3\n' })).code).toBe(0);
    expect(cli.api.edge.agents[0]).toMatchObject({ lifecycle: 'revoked' });
  });

  it.each([
    [[], 'ap: Revoking berlin-3 needs your word (cli.not-confirmed)'],
    [['--confirm=porto-7'], 'ap: porto-7 is not the edge agent berlin-3 (cli.not-confirmed)'],
    [['--confirm='], 'ap: Revoking berlin-3 needs your word (cli.not-confirmed)'],
  ])('not without the right word: %p', async (confirm, sentence) => {
    const { code, err } = await cli.ap([...REVOKE, ...confirm]);
    expect(code).toBe(2);
    expect(err).toBe(`${sentence}\nnext: if it is meant: ap infrastructure edge revoke edge-1 --confirm=edge-1\n`);
    expect(cli.api.edge.agents[0]).toMatchObject({ lifecycle: 'active' });
  });

  it('is for admins alone', async () => {
    expect((await cli.ap([...REVOKE, '--confirm=edge-1'], { env: { AP_TOKEN: VIEWER_TOKEN } })).code).toBe(5);
    expect((await cli.ap([...REVOKE, '--confirm=edge-1'], { env: { AP_TOKEN: ADMIN_TOKEN } })).code).toBe(0);
  });
});
