import { CliHarness } from '../testing/ap.js';
import { VIEWER_TOKEN } from '../testing/fake-api.js';
import { JOIN_LINE, JOIN_TOKEN } from '../testing/fake-edge.js';
import { agent } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const ENROLL = ['infrastructure', 'edge', 'enroll'];
const WORDS = `Run this line beside the gateway. It is shown only now, and joins one agent, until 2026-11-22 10:33:12Z.
It names no gateway: add --gateway <url>, and --gateway-token-file <path> for its cost, to the line.
`;
const joined = agent({ join_token_id: 'join-1', lifecycle: 'enrolled', status: 'enrolled', health: 'unknown', connected_at: null });

/** What becomes of the agents from one look of `ap` to the next. */
function meanwhile(...steps: (() => void)[]): void {
  cli.api.edge.meanwhile = () => steps.shift()?.();
}
const joins = () => void cli.api.edge.agents.push({ ...joined, label: 'berlin-3' });
const connects = () => void Object.assign(cli.api.edge.agents.at(-1)!, { lifecycle: 'active', connected_at: '2026-11-22T10:03:12.000Z' });

it('prints the line alone on stdout, and words on stderr', async () => {
  expect(await cli.ap(ENROLL)).toMatchObject({ code: 0, out: `${JOIN_LINE}\n`, err: WORDS });
  expect(await cli.ap([...ENROLL, '-q'])).toMatchObject({ code: 0, out: `${JOIN_LINE}\n`, err: '' });
  expect(cli.api.seen[0]!.body).toEqual({});
});

it('never cuts the line, and paints nothing on it', async () => expect((await cli.ap(ENROLL, { columns: 40 })).out).toBe(`${JOIN_LINE}\n`));

it('says what the agent is to be', async () => {
  await cli.ap([...ENROLL, '--label', 'berlin-3', '--hostname-pattern', 'berlin-*', '--ephemeral']);
  expect(cli.api.seen[0]).toMatchObject({
    path: '/edge-agents/enroll',
    body: { label: 'berlin-3', hostname_pattern: 'berlin-*', ephemeral: true },
  });
});

it('says which gateway stands in the line, and needs no hint then', async () => {
  const given = ['--gateway', 'http://127.0.0.1:18789', '--gateway-token-file', '~/.openclaw/token'];
  const { err } = await cli.ap([...ENROLL, ...given]);
  expect(err).not.toContain('It names no gateway');
  expect(cli.api.seen[0]!.body).toEqual({ gateway: 'http://127.0.0.1:18789', gateway_token_file: '~/.openclaw/token' });
});

it('is one document with -o json', async () => {
  expect(await cli.json(ENROLL)).toEqual({
    code: 0,
    err: '',
    out: {
      schema: 'ap.infra.edge.enroll/v1',
      as_of: null,
      position: 'f41',
      lag_ms: null,
      data: { join_token_id: 'join-1', join_token: JOIN_TOKEN, expires_at: '2026-11-22T10:33:12.000Z', command: JOIN_LINE },
      warnings: [],
    },
  });
});

it('is not for viewers', async () => expect((await cli.ap(ENROLL, { env: { AP_TOKEN: VIEWER_TOKEN } })).code).toBe(5));

describe('--wait', () => {
  it('says when the agent of this very line has connected, and not when another one has, or it has only joined', async () => {
    for (const n of [2, 3]) cli.api.edge.agents.push(agent({ agent_id: `edge-${n}`, join_token_id: `join-${n}` }));
    meanwhile(joins, () => {}, connects);
    expect(await cli.ap([...ENROLL, '--wait'])).toMatchObject({
      code: 0,
      out: `${JOIN_LINE}\n`,
      err: `${WORDS}Waiting for the first connection ...\nberlin-3 has connected, from berlin-3.local. How it is: ap infrastructure edge get edge-1\n`,
    });
    expect(cli.api.calls).toEqual(['POST /edge-agents/enroll', 'GET /edge-agents', 'GET /edge-agents/edge-1', 'GET /edge-agents/edge-1']);
    expect(cli.api.seen[1]!.query).toEqual({ join_token_id: 'join-1', limit: '1' });
  });

  it('waits beyond the time of one answer, and through a server that is away', async () => {
    meanwhile(() => (joins(), connects()));
    const ended = cli.ap([...ENROLL, '--wait', '20s', '--timeout', '600ms']);
    await cli.api.request(); // The command; whoever asks next finds nobody.
    cli.api.behaviour = (response) => {
      cli.api.behaviour = undefined;
      response.destroy();
    };
    expect(await ended).toMatchObject({ code: 0, err: expect.stringContaining('berlin-3 has connected') });
    expect(cli.api.calls.slice(1)).toEqual(['GET /edge-agents', 'GET /edge-agents']);
  });

  it.each([
    ['nobody', [], 'ap: No agent has joined within 0s', 'run the line beside the gateway, then: ap infrastructure edge list'],
    [
      'one that joins and goes no further',
      [joins],
      'ap: berlin-3 has joined, and has not connected within 0s',
      'its own words tell why, where it runs; then: ap infrastructure edge get edge-1',
    ],
  ] as const)('gives up on %s', async (_, steps, sentence, next) => {
    meanwhile(...steps);
    const { code, out, err } = await cli.ap([...ENROLL, '--wait', '50ms', '-q']);
    expect([code, out]).toEqual([1, `${JOIN_LINE}\n`]);
    expect(err).toBe(`${sentence} (cli.waited-in-vain)\nnext: ${next}\n`);
  });

  it('does not wait through a no', async () => {
    meanwhile(joins, () => cli.api.edge.agents.pop());
    expect(await cli.ap([...ENROLL, '--wait'])).toMatchObject({ code: 3, err: expect.stringContaining('(edge.agent-unknown)') });
  });

  it('has given the document before it waits, with -o json', async () => {
    const { code, out, err } = await cli.json([...ENROLL, '--wait', '50ms']);
    expect([code, out.data.command]).toEqual([1, JOIN_LINE]);
    expect(JSON.parse(err)).toMatchObject({ code: 'cli.waited-in-vain' });
  });

  it('ends at once when it is interrupted, and says that the line is still good', async () => {
    const interruption = new AbortController();
    meanwhile(() => interruption.abort('SIGINT'));
    expect(await cli.ap([...ENROLL, '--wait', '-q'], { interrupted: interruption.signal })).toMatchObject({
      code: 130,
      out: `${JOIN_LINE}\n`,
      err: 'ap: Interrupted while waiting (cli.interrupted)\nnext: the line stays good; look yourself: ap infrastructure edge list\n',
    });
  });
});
