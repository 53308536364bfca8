import { CliHarness } from '../testing/ap.js';
import { NOW, call } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const CALLS = ['infrastructure', 'peers', 'calls', 'lisbon-2'];
const ago = (seconds: number): string => new Date(Date.parse(NOW) - seconds * 1000).toISOString();
const failed = call({
  call_id: 'call-2',
  direction: 'in',
  method: 'message/send',
  outcome: 'failed',
  reason: 'rpc_error',
  sentence: 'The agent answered -32603.',
  rpc_error_code: -32603,
  accepted_at: ago(3600),
});
const open = call({ call_id: 'call-3', method: null, outcome: 'open', ended_at: null, total_ms: null, accepted_at: ago(7200) });

describe('calls of a peer', () => {
  beforeEach(() => cli.api.federation.calls.push(call(), failed, open, call({ call_id: 'call-4', peer_id: 'porto-1' })));

  it('are a table, newest first', async () => {
    expect(await cli.ap(CALLS)).toMatchObject({
      code: 0,
      err: '',
      out: `TIME                  DIR  AGENT    METHOD        OUTCOME        MS  CALL                        WHY
2026-11-22 10:02:12Z  out  planner  SendMessage   ● completed  1204  01kb4x3m9v2e7xqh5rgd0t8ynw  -
2026-11-22 09:03:12Z  in   planner  message/send  ⬣ failed     1204  call-2                      rpc_error: The agent answered -32603.
2026-11-22 08:03:12Z  out  planner  -             ◌ open          -  call-3                      -
`,
    });
  });

  it('are an envelope with -o json', async () => {
    const { out } = await cli.json([...CALLS, '--limit', '1']);
    expect(out).toEqual({
      schema: 'ap.infra.calls.list/v1',
      as_of: NOW,
      position: 'f40',
      lag_ms: 120,
      data: [call()],
      next_cursor: '1',
      warnings: [],
    });
  });

  it('are chosen by the server, but for how far back', async () => {
    const { out } = await cli.json([...CALLS, '--direction', 'in', '--outcome', 'failed']);
    expect(out.data).toEqual([failed]);
    expect(cli.api.seen.at(-1)).toMatchObject({
      path: '/peers/lisbon-2/calls',
      query: { direction: 'in', outcome: 'failed', limit: '50' },
    });
  });

  it.each([
    ['1h', 2],
    ['59m', 1],
    ['1s', 0],
    ['2026-11-22T08:03:12Z', 3],
  ])('since %s are %i', async (since, count) => {
    const { out } = await cli.json([...CALLS, '--since', since]);
    expect(out.data).toHaveLength(count);
  });

  it('say when there are more, unless those are too old', async () => {
    expect((await cli.ap([...CALLS, '--limit', '2'])).err).toBe('(only the newest 2, use --limit for more)\n');
    expect((await cli.ap([...CALLS, '--limit', '2', '--since', '1m'])).err).toBe('');
    expect((await cli.ap([...CALLS, '--limit', '2', '--since', '1h'])).err).toBe('(only the newest 2, use --limit for more)\n');
  });

  it('not since no time at all, and says so before it asks anybody', async () => {
    expect(await cli.ap([...CALLS, '--since', 'yesterday'])).toMatchObject({
      code: 2,
      err: 'ap: --since is neither an instant nor a duration: yesterday (cli.usage)\nnext: give one like 2026-12-01T08:00:00Z or 2h\n',
    });
    expect(cli.api.seen).toEqual([]);
  });

  it('are there after the peer is gone, by its id', async () => {
    cli.api.peers.length = 0;
    expect((await cli.json([...CALLS, '--direction', 'in'])).out.data).toEqual([failed]);
    for (const [name, code] of [
      ['faro-1', 'cli.peer-unknown'],
      ['Lisbon, second hall', 'cli.peer-unknown'],
    ] as const)
      expect(await cli.ap(['infra', 'peers', 'calls', name])).toMatchObject({ code: 3, err: expect.stringContaining(`(${code})`) });
  });

  it('say when there is none', async () => {
    expect(await cli.ap([...CALLS, '--outcome', 'denied'])).toMatchObject({ code: 0, out: '', err: 'No call is like that.\n' });
    cli.api.federation.calls.length = 0;
    expect((await cli.ap(CALLS)).err).toBe('There was no call yet. What may be called: ap infrastructure routes list\n');
  });
});

describe('get', () => {
  const GET = ['infrastructure', 'calls', 'get'];

  it('shows one call', async () => {
    cli.api.federation.calls.push(call());
    expect(await cli.ap([...GET, call().call_id])).toMatchObject({
      code: 0,
      err: '',
      out: `call         01kb4x3m9v2e7xqh5rgd0t8ynw
outcome      ● completed
why          Answered.
direction    out
peer         Lisbon, second hall (lisbon-2)
agent        planner
method       SendMessage (send)
protocol     1.0 JSONRPC
accepted     2026-11-22 10:02:12Z
ended        2026-11-22 10:02:13Z
first byte   38 ms
total        1204 ms
http status  200
rpc error    -
bytes        310 of the request, 2048 of the answer
sse events   -
rpc id       7
task         task-1
context      context-1
message      message-1
rule         rule-1, version 17
made by      travel agent (token:t-9)
caller       caller-1
key          key-1
trace        -
`,
    });
    expect((await cli.json([...GET, call().call_id])).out).toMatchObject({ schema: 'ap.infra.call/v1', data: call() });
  });

  it('names a peer that is no more by its id, as a program gets every peer', async () => {
    cli.api.federation.calls.push(call({ call_id: 'c', peer_id: 'faro-1' }));
    expect((await cli.ap([...GET, 'c'])).out).toMatch(/^peer {9}faro-1$/m);
    cli.api.seen.length = 0;
    await cli.json([...GET, 'c']);
    expect(cli.api.calls).toEqual(['GET /calls/c']);
  });

  it('shows what is not known, and not matched, as that', async () => {
    cli.api.federation.calls.push(call({ call_id: 'c', outcome: 'denied', reason: 'no_rule', rule_id: null, response_bytes: null }));
    const { out } = await cli.ap([...GET, 'c']);
    for (const line of [
      'outcome      ▲ denied',
      'why          no_rule: Answered.',
      'rule         none matched',
      'asked for    2026-11-22 10:02:12Z',
    ])
      expect(out).toContain(`${line}\n`);
    expect(out).toContain('unknown of the answer');
  });

  it('says when there is none', async () =>
    expect(await cli.ap([...GET, 'a/b'])).toMatchObject({
      code: 3,
      out: '',
      err: 'ap: No call a/b is known (federation.call-unknown)\nnext: List the calls of its peer.\n',
    }));
});
