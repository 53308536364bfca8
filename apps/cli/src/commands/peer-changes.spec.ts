import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliHarness } from '../testing/ap.js';
import { MADE_SECRET, VIEWER_TOKEN } from '../testing/fake-api.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const PEERS = ['infrastructure', 'peers'];
const ADD = [...PEERS, 'add', '--remote-peer-id', 'inst-new', '--url', 'https://faro.example', '--label', 'Faro'];
it('says which option to correct when the end of a suspension is past', async () => {
  const ended = await cli.ap([...PEERS, 'suspend', 'lisbon-2', '--until', '2020-01-01T00:00:00Z']);
  expect(ended).toMatchObject({ code: 1, err: expect.stringMatching(/\(federation\.until-not-ahead\)\nnext: give a later --until, /) });
});

const SECRET = 'a secret that both sides know, of good length';

describe('add', () => {
  it('shows the secret that was made, once and first, and what to do with it', async () => {
    const { code, out, err } = await cli.ap(ADD);
    expect(code).toBe(0);
    expect(out).toBe(`outbound_secret  ${MADE_SECRET}
NAME  STATUS     FOR  RTT  LAST SEEN  PEER ID  WHY
Faro  ◌ pending  0s   -    -          p-3      never_connected: Waiting for the mutual challenge.
`);
    expect(err).toBe(
      'Shown only now. Give it to the operator of the other side, over a channel you both trust:\n' +
        'there it is the secret of this instance. If it is lost, remove the peer and add it again.\n',
    );
  });

  it('reads back what it made, not older than the command', async () => {
    const { out } = await cli.json(ADD);
    expect(out).toMatchObject({ schema: 'ap.infra.command/v1', position: 'f41', lag_ms: 120 });
    expect(out.data).toEqual({ peer_id: 'p-3', peer: cli.api.peers[2], outbound_secret: MADE_SECRET });
    expect(cli.api.seen.map(({ method, path, query }) => [method, path, query])).toEqual([
      ['POST', '/peers', {}],
      ['GET', '/peers/p-3', { after: 'f41' }],
    ]);
    expect(cli.api.seen[0]!.body).toEqual({ remote_peer_id: 'inst-new', label: 'Faro', url: 'https://faro.example' });
    expect(cli.api.seen[0]!.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('shows the secret even when the result cannot be read', async () => {
    cli.api.behind = 1;
    const { code, out, err } = await cli.ap(ADD);
    expect(code).toBe(0);
    expect(out).toBe(`outbound_secret  ${MADE_SECRET}\naccepted  p-3\n`);
    expect(err).toContain('warning: accepted at f41, but the result cannot be shown: The rows reach f40, not f41. (read.behind)\n');
    const document = await cli.json(ADD);
    expect(document).toMatchObject({ code: 0, err: '' });
    expect(document.out).toMatchObject({ as_of: null, position: 'f42', data: { peer: null, outbound_secret: MADE_SECRET } });
    expect(document.out.warnings).toMatchObject([{ code: 'read.behind' }]);
  });

  it('takes a secret from a file, a pipe or a hidden prompt, and shows it nowhere', async () => {
    const file = join(cli.home, 'faro.secret');
    await writeFile(file, `${SECRET}\n`);
    const ended = [
      await cli.ap([...ADD, '--secret-file', file]),
      await cli.ap([...ADD, '--secret-stdin'], { stdin: `${SECRET}\r\n` }),
      await cli.ap([...ADD, '--secret-stdin'], { columns: 80, typed: `wrong\u0015${SECRET}x\u007f\r` }),
    ];
    for (const { code, out, err } of ended) {
      expect(code).toBe(0);
      expect(out + err).not.toContain('secret that both');
    }
    expect(ended[2]!.rawModes).toEqual([true, false]);
    expect(ended[2]!.err).toBe('Secret (not shown): \n');
    const sent = cli.api.seen
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (body as { outbound_secret: string }).outbound_secret);
    expect(sent).toEqual([SECRET, SECRET, SECRET]);
  });

  it('has no option that takes a secret, and does not repeat one given all the same', async () => {
    const { code, out, err } = await cli.ap([...ADD, `--secret=${SECRET}`]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^ap: unknown option '--secret'/);
    expect(err).not.toContain(SECRET);
    expect(cli.api.seen).toEqual([]);
  });

  it.each([
    ['an empty pipe', ['--secret-stdin'], { stdin: '\n' }, 'ap: There is no secret in standard input (cli.usage)'],
    ['a file that is not there', ['--secret-file', '/nowhere/secret'], {}, 'ap: The secret in /nowhere/secret cannot be read: '],
    [
      'both sources',
      ['--secret-stdin', '--secret-file', 'x'],
      {},
      "ap: option '--secret-file <path>' cannot be used with option '--secret-stdin'",
    ],
    [
      'a prompt that is forbidden',
      ['--secret-stdin', '--no-input'],
      { columns: 80 },
      'ap: --secret-stdin and --no-input, and nothing is piped in',
    ],
  ])('refuses %s', async (_, options, around, words) => {
    const { code, out, err } = await cli.ap([...ADD, ...options], around);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect(err).toMatch(/\nnext: .+\n$/);
    expect(cli.api.seen).toEqual([]);
  });

  it('refuses a file too long to be a secret', async () => {
    const file = join(cli.home, 'long');
    await writeFile(file, 'x'.repeat(5000));
    expect(await cli.ap([...ADD, '--secret-file', file])).toMatchObject({
      code: 2,
      err: expect.stringContaining('longer than 4096 bytes'),
    });
  });

  it('tells what the server refuses, field by field', async () => {
    expect(await cli.ap([...ADD.slice(0, 6), 'faro', '--label', 'Faro'])).toMatchObject({
      code: 2,
      out: '',
      err: `ap: The request is not as described (http.invalid)
  url: url must be an address
next: Correct the fields named in errors.
`,
    });
    expect(await cli.ap([...ADD, '--secret-stdin'], { stdin: 'weak' })).toMatchObject({
      code: 1,
      err: 'ap: The outbound_secret has 4 characters; at least 24 are needed (federation.secret-weak)\nnext: Give a longer one.\n',
    });
    const { out, err } = await cli.json([...ADD.slice(0, 6), 'faro', '--label', 'Faro']);
    expect(out).toBeUndefined();
    expect(JSON.parse(err)).toEqual({
      type: 'urn:problem:http.invalid',
      title: 'http.invalid',
      status: 400,
      code: 'http.invalid',
      detail: 'The request is not as described.',
      next: 'Correct the fields named in errors.',
      errors: [{ field: 'url', message: 'url must be an address' }],
    });
  });

  it('is not for viewers', async () => {
    expect(await cli.ap(ADD, { env: { AP_TOKEN: VIEWER_TOKEN } })).toMatchObject({
      code: 5,
      out: '',
      err: 'ap: This needs the role operator; token:t-viewer has the role viewer (access.denied)\nnext: Ask an admin.\n',
    });
  });

  it("takes --url for the peer's; that of the API stands before", async () => {
    const { code } = await cli.stranger(['--url', cli.api.url, ...ADD], { env: { AP_TOKEN: `cb_srv_${'A'.repeat(43)}` } });
    expect(code).toBe(0);
    expect(cli.api.seen[0]!.body).toMatchObject({ url: 'https://faro.example' });
  });
});

it('edits a label', async () => {
  expect(await cli.ap([...PEERS, 'edit', 'Porto', '--label', 'Oporto'])).toMatchObject({
    code: 0,
    err: '',
    out: `NAME    STATUS     FOR  RTT  LAST SEEN  PEER ID  WHY
Oporto  ◌ pending  4m   -    -          porto-1  never_connected: Waiting for the mutual challenge.
`,
  });
  expect(cli.api.seen[2]).toMatchObject({ method: 'PATCH', path: '/peers/porto-1', body: { label: 'Oporto' } });
});

describe('suspend', () => {
  const bodyOf = () => cli.api.seen.find(({ path }) => path.endsWith('/suspend'))?.body;

  it('shows the suspended peer', async () => {
    expect(await cli.ap([...PEERS, 'suspend', 'lisbon-2', '--note', 'key rotation'])).toMatchObject({
      code: 0,
      err: '',
      out: `NAME                 STATUS       FOR  RTT  LAST SEEN  PEER ID   WHY
Lisbon, second hall  ○ suspended  0s   -    -          lisbon-2  suspended_by_operator: Suspended by an operator.
`,
    });
    expect(bodyOf()).toEqual({ note: 'key rotation', until: null });
  });

  it.each([
    ['2h', '2026-11-22T12:03:12.000Z'],
    ['1h30m', '2026-11-22T11:33:12.000Z'],
    ['3d', '2026-11-25T10:03:12.000Z'],
    ['2026-12-01T08:00:00Z', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01T08:00:00.5+01:00', '2026-12-01T07:00:00.500Z'],
  ])("until %s, a duration by the server's clock", async (until, instant) => {
    expect((await cli.ap([...PEERS, 'suspend', 'lisbon-2', '--until', until])).code).toBe(0);
    expect(bodyOf()).toEqual({ note: '', until: instant });
  });

  it.each(['tomorrow', '2', '2h x', '2026-13-01T00:00:00Z', '2026-12-01', ''])(
    'not until %p, and says so before it asks anybody',
    async (until) => {
      expect(await cli.ap([...PEERS, 'suspend', 'lisbon-2', '--until', until])).toMatchObject({
        code: 2,
        err: `ap: --until is neither an instant nor a duration: ${until} (cli.usage)\nnext: give one like 2026-12-01T08:00:00Z or 2h\n`,
      });
      expect(cli.api.seen).toEqual([]);
    },
  );

  it('is undone by resume', async () => {
    await cli.ap([...PEERS, 'suspend', 'lisbon-2']);
    const { out } = await cli.json([...PEERS, 'resume', 'lisbon-2']);
    expect(out).toMatchObject({ schema: 'ap.infra.command/v1', data: { peer_id: 'lisbon-2', peer: { status: 'pending' } } });
  });
});

describe('pin', () => {
  const fingerprint = '21fe-31df-a154-a261-626b-f854-046f-d227';

  it('confirms the key of that fingerprint', async () => {
    const { out } = await cli.json([...PEERS, 'pin', 'Lisbon, second hall', '--fingerprint', fingerprint]);
    expect(out).toMatchObject({ data: { peer_id: 'lisbon-2', peer: { key_fingerprint: fingerprint } } });
    expect(cli.api.seen.find(({ method }) => method === 'POST')).toMatchObject({ path: '/peers/lisbon-2/pin', body: { fingerprint } });
  });

  it('asks for a fingerprint', async () => {
    expect(await cli.ap([...PEERS, 'pin', 'lisbon-2'])).toMatchObject({ code: 2, err: expect.stringContaining('--fingerprint') });
    expect(cli.api.seen).toEqual([]);
  });
});

describe('remove', () => {
  const REMOVE = [...PEERS, 'remove', 'Lisbon, second hall'];

  it.each([['--confirm=lisbon-2'], ['--confirm=Lisbon, second hall']])('removes with %s', async (confirm) => {
    expect(await cli.ap([...REMOVE, confirm])).toMatchObject({ code: 0, err: '', out: 'removed  lisbon-2 (Lisbon, second hall)\n' });
    expect(cli.api.peers.map(({ peer_id }) => peer_id)).toEqual(['porto-1']);
  });

  it('is a document with null for the peer', async () => {
    const { out } = await cli.json([...REMOVE, '--confirm=lisbon-2']);
    expect(out).toEqual({
      schema: 'ap.infra.command/v1',
      as_of: null,
      position: 'f41',
      lag_ms: null,
      data: { peer_id: 'lisbon-2', peer: null },
      warnings: [],
    });
  });

  it('asks in a terminal before it removes a peer, and goes on only with its name', async () => {
    const wrong = await cli.ap(REMOVE, { columns: 100, typed: 'Lisbon\n' });
    expect([wrong.code, cli.api.peers.length]).toEqual([2, 2]);
    expect(wrong.err).toContain('Removing Lisbon, second hall cannot be undone. Type its name to go on: ');
    expect(wrong.err).toContain('Lisbon is not the peer Lisbon, second hall');
    const nothing = await cli.ap(REMOVE, { columns: 100, typed: '\n' });
    expect([nothing.code, cli.api.peers.length]).toEqual([2, 2]);
    const right = await cli.ap(REMOVE, { columns: 100, typed: 'Lisbon, second hall\n' });
    expect([right.code, cli.api.peers.length]).toEqual([0, 1]);
  });

  it.each([
    [[], 'ap: Removing Lisbon, second hall needs your word (cli.not-confirmed)'],
    [['--confirm=Lisbon'], 'ap: Lisbon is not the peer Lisbon, second hall (cli.not-confirmed)'],
    [['--confirm='], 'ap: Removing Lisbon, second hall needs your word (cli.not-confirmed)'],
  ])('not without the right word: %p', async (confirm, sentence) => {
    const { code, err } = await cli.ap([...REMOVE, ...confirm]);
    expect(code).toBe(2);
    expect(err).toBe(`${sentence}\nnext: if it is meant: ap infrastructure peers remove lisbon-2 --confirm=lisbon-2\n`);
    expect(cli.api.peers).toHaveLength(2);
  });
});

it('says when nobody can tell what became of a command', async () => {
  cli.api.behaviour = (response) => response.destroy();
  const { code, err } = await cli.ap(ADD);
  expect(code).toBe(6);
  expect(err).toContain('next: it may have been carried out all the same: look before you repeat it\n');
});
