import { CliHarness } from '../testing/ap.js';
import { NOW, connected, peer } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());
const LIST = ['infrastructure', 'peers', 'list'];
const GET = ['infrastructure', 'peers', 'get'];

describe('list', () => {
  it('is a table', async () => {
    expect(await cli.ap(LIST)).toMatchObject({
      code: 0,
      err: '',
      out: `NAME                 STATUS     FOR  RTT  LAST SEEN  PEER ID   WHY
Lisbon, second hall  ◌ pending  4m   -    -          lisbon-2  never_connected: Waiting for the mutual challenge.
Porto                ◌ pending  4m   -    -          porto-1   never_connected: Waiting for the mutual challenge.
`,
    });
  });

  it('shows how long the way there and back is, and when it was last gone', async () => {
    cli.api.peers.splice(0, 2, connected());
    expect((await cli.ap(LIST)).out).toBe(`NAME                 STATUS       FOR  RTT    LAST SEEN  PEER ID   WHY
Lisbon, second hall  ● connected  4m   12 ms  now        lisbon-2  -
`);
  });

  it('fits the terminal, and never cuts an id or a sentence', async () => {
    const { out } = await cli.ap(LIST, { columns: 69, env: { NO_COLOR: '1' } });
    expect(out).toBe(`NAME                 STATUS     FOR  RTT  LAST SEEN  PEER ID
Lisbon, second hall  ◌ pending  4m   -    -          lisbon-2
  never_connected: Waiting for the mutual challenge.
Porto                ◌ pending  4m   -    -          porto-1
  never_connected: Waiting for the mutual challenge.
`);
  });

  it('is an envelope with -o json', async () => {
    expect(await cli.json(LIST)).toEqual({
      code: 0,
      err: '',
      out: { schema: 'ap.infra.peers.list/v1', as_of: NOW, position: 'f40', lag_ms: 120, data: cli.api.peers, warnings: [] },
    });
  });

  it('lets the server choose', async () => {
    cli.api.peers.push(peer({ peer_id: 'faro-1', label: 'Faro', status: 'suspended', lifecycle: 'suspended' }));
    const { out } = await cli.json([...LIST, '--status', 'suspended', '--search', 'far']);
    expect(out.data).toHaveLength(1);
    expect(cli.api.seen[0]!.query).toEqual({ status: 'suspended', q: 'far', limit: '50' });
  });

  it('turns pages until there are as many as asked for, and says when there are more', async () => {
    for (let n = 0; n < 300; n++) cli.api.peers.push(peer({ peer_id: `p-${n}`, label: `Peer ${n}` }));
    const { out, err } = await cli.ap([...LIST, '--limit', '250']);
    expect(out.trim().split('\n')).toHaveLength(251);
    expect(cli.api.seen.map(({ query }) => query)).toEqual([{ limit: '200' }, { cursor: '200', limit: '50' }]);
    expect(err).toBe('(only the first 250, use --limit for more)\n');
    expect((await cli.json([...LIST, '--limit', '1'])).out).toMatchObject({ next_cursor: '1' });
  });

  it('says when there is none, and how to begin', async () => {
    cli.api.peers.length = 0;
    expect(await cli.ap(LIST)).toMatchObject({
      code: 0,
      out: '',
      err: 'No peer is registered. Add one: ap infrastructure peers add --help\n',
    });
    expect(await cli.ap([...LIST, '--search', 'x'])).toMatchObject({ out: '', err: 'No peer is like that.\n' });
    expect(await cli.ap([...LIST, '-q'])).toMatchObject({ code: 0, out: '', err: '' });
    expect((await cli.json(LIST)).out).toMatchObject({ data: [] });
  });

  it('shows the warnings of the server, quiet or not', async () => {
    cli.api.warnings = [{ code: 'read.snapshot', detail: 'PostgreSQL is down; these are the rows of 10:01.' }];
    const { err } = await cli.ap([...LIST, '-q']);
    expect(err).toBe('warning: PostgreSQL is down; these are the rows of 10:01. (read.snapshot)\n');
    expect((await cli.json(LIST)).out).toMatchObject({ warnings: cli.api.warnings });
  });

  it('has colours in a terminal, unless NO_COLOR or --no-color', async () => {
    expect((await cli.ap(LIST, { columns: 200 })).out).toContain('\u001b[90m◌ pending\u001b[0m');
    expect((await cli.ap(LIST, { columns: 200, env: { NO_COLOR: '' } })).out).toContain('\u001b[90m');
    for (const around of [{ columns: 200, env: { NO_COLOR: '1' } }, { columns: 200, env: { TERM: 'dumb' } }, {}])
      expect((await cli.ap(LIST, around)).out).not.toContain('\u001b');
    expect((await cli.ap([...LIST, '--no-color'], { columns: 200 })).out).not.toContain('\u001b');
  });

  it('shows a label that would act on the terminal as plain text, and gives it whole as JSON', async () => {
    const label = 'Evil\u001b]0;owned\u0007\u009b31m\nroot\u202e';
    cli.api.peers.splice(0, 2, peer({ label, reason: null }));
    const { out } = await cli.ap(LIST, { columns: 200, env: { NO_COLOR: '1' } });
    expect(out.split('\n')[1]).toBe('Evil<U+001B>]0;owned<U+0007><U+009B>31m root<U+202E>  ◌ pending  4m   -    -          lisbon-2  -');
    const document = await cli.ap([...LIST, '-o', 'json'], { columns: 200 });
    expect(document.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/); // eslint-disable-line no-control-regex
    expect(JSON.parse(document.out).data[0].label).toBe(label);
  });
});

describe('get', () => {
  it('shows one peer', async () => {
    expect(await cli.ap([...GET, 'lisbon-2'])).toMatchObject({
      code: 0,
      err: '',
      out: `name                Lisbon, second hall
status              ◌ pending
why                 never_connected: Waiting for the mutual challenge.
since               2026-11-22 09:59:12Z (4m)
their view of us    -
round trip          -
last good           -
last heartbeat      -
next retry          -
lifecycle           pending
suspended until     -
url                 https://lisbon.example
peer id             lisbon-2
remote peer id      inst-7f3q
secret fingerprint  ab12cd34
instance key        not audited: it has shown none yet, or is of an older release
calls               0 in, 0 out
registered          2026-11-22 09:59:12Z by token:t-admin
evidence            -
`,
    });
    expect((await cli.json([...GET, 'lisbon-2'])).out).toMatchObject({ schema: 'ap.infra.peer/v1', data: cli.api.peers[0] });
    const key_fingerprint = '21fe-31df-a154-a261-626b-f854-046f-d227';
    Object.assign(cli.api.peers[0]!, { key_fingerprint, key_pinned_at: '2026-11-22T09:59:12.000Z' });
    expect((await cli.ap([...GET, 'lisbon-2'])).out).toContain(
      `instance key        ${key_fingerprint}, pinned since 2026-11-22 09:59:12Z\n`,
    );
  });

  it('shows the link as both sides see it', async () => {
    cli.api.peers.splice(0, 2, connected({ status: 'disconnected', health: 'down', next_retry_at: '2026-11-22T10:03:40.000Z' }));
    const { out } = await cli.ap([...GET, 'lisbon-2']);
    for (const line of [
      'status              ⬣ disconnected',
      'their view of us    connected',
      'round trip          12 ms',
      'last good           2026-11-22 10:03:10Z',
      'last heartbeat      2026-11-22 10:03:09Z',
      'next retry          2026-11-22 10:03:40Z',
      'calls               3 in, 41 out',
      'evidence            f31 t18',
    ])
      expect(out).toContain(`${line}\n`);
  });

  it('takes a label that one peer has', async () => {
    expect((await cli.json([...GET, 'Lisbon, second hall'])).out).toMatchObject({ data: { peer_id: 'lisbon-2' } });
    expect((await cli.json([...GET, 'Porto'])).out).toMatchObject({ schema: 'ap.infra.peer/v1', data: { peer_id: 'porto-1' } });
    expect(cli.api.calls).toEqual(['GET /peers', 'GET /peers/Porto', 'GET /peers']); // What cannot be an id is not asked for as one.
  });

  it('takes an id before a label', async () => {
    cli.api.peers.push(peer({ peer_id: 'Porto', label: 'Elsewhere' }));
    expect((await cli.json([...GET, 'Porto'])).out).toMatchObject({ data: { label: 'Elsewhere' } });
  });

  it('does not guess between two of one label', async () => {
    cli.api.peers.push(peer({ peer_id: 'porto-2', label: 'Porto' }));
    expect(await cli.ap([...GET, 'Porto'])).toMatchObject({
      code: 2,
      out: '',
      err: 'ap: 2 peers have the label Porto (cli.peer-ambiguous)\nnext: name one by its id: porto-1, porto-2\n',
    });
  });

  it('does not take a part of a label, nor a label in other letters', async () => {
    for (const name of ['lisbon, second hall', 'Lisbon', 'faro-1'])
      expect(await cli.ap([...GET, name])).toMatchObject({
        code: 3,
        out: '',
        err: `ap: No peer has the id or the label ${name} (cli.peer-unknown)\nnext: see which there are: ap infrastructure peers list\n`,
      });
  });
});
