import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliHarness } from '../testing/ap.js';
import { VIEWER_TOKEN } from '../testing/fake-api.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const PEERS = ['infrastructure', 'peers'];
const TEST = [...PEERS, 'test'];
const UNSAVED = ['--remote-peer-id', 'inst-new', '--url', 'https://faro.example'];
const SECRET = 'a secret that both sides know, of good length';
const REFUSED = { ok: false, reason: 'auth_rejected', sentence: 'The other side does not accept the signature.', rtt_ms: 9.2 };
const ADVICE =
  'see that the other side has registered this instance, with the same secret: the fingerprints of both sides are then the same';

describe.each(['test', 'retry'])('%s of a registered peer', (verb) => {
  const argv = [...PEERS, verb, 'Porto'];

  it('says that the link is good', async () => {
    expect(await cli.ap(argv)).toMatchObject({
      code: 0,
      err: '',
      out: 'link        ● good\nwhy         Both sides know each other.\nround trip  12 ms\n',
    });
    expect(cli.api.calls).toEqual(['GET /peers/Porto', 'GET /peers', `POST /peers/porto-1/${verb}`]);
  });

  it('says why it is not, what helps, and ends with 1', async () => {
    cli.api.federation.link = REFUSED;
    expect(await cli.ap(argv)).toMatchObject({
      code: 1,
      out: 'link        ⬣ not good\nwhy         auth_rejected: The other side does not accept the signature.\nround trip  9.2 ms\n',
      err: `next: ${ADVICE}\n`,
    });
  });

  it('is one document either way', async () => {
    const envelope = { schema: `ap.infra.peers.${verb}/v1`, as_of: null, position: null, lag_ms: null, warnings: [] };
    const good = { ok: true, reason: null, sentence: 'Both sides know each other.', rtt_ms: 12.4 };
    expect(await cli.json(argv)).toEqual({ code: 0, err: '', out: { ...envelope, data: { peer_id: 'porto-1', ...good } } });
    cli.api.federation.link = REFUSED;
    expect(await cli.json(argv)).toEqual({ code: 1, err: '', out: { ...envelope, data: { peer_id: 'porto-1', ...REFUSED } } });
  });

  it('tells when there is nobody who could try', async () => {
    cli.api.federation.isRunning = false;
    expect(await cli.ap(argv)).toMatchObject({
      code: 1,
      out: '',
      err: 'ap: No federation process answers (federation.not-running)\nnext: Start it, then try again.\n',
    });
  });

  it('changed nothing when no answer comes, and says so', async () => {
    cli.api.behaviour = (response) => {
      if (cli.api.calls.at(-1) === `POST /peers/porto-1/${verb}`) return;
      response.end(JSON.stringify({ as_of: 'now', data: cli.api.peers[1] }));
    };
    const { code, err } = await cli.ap([...PEERS, verb, 'porto-1', '--timeout', '200ms']);
    expect(code).toBe(6);
    expect(err).toContain('next: try again, or give a longer --timeout');
  });

  it('is not for viewers, nor of a peer that is not there', async () => {
    expect((await cli.ap(argv, { env: { AP_TOKEN: VIEWER_TOKEN } })).code).toBe(5);
    expect((await cli.ap([...PEERS, verb, 'faro-1'])).code).toBe(3);
  });
});

it('knows nothing better than the logs against a reason it does not know', async () => {
  cli.api.federation.link = { ...REFUSED, reason: 'moon_phase' as never };
  expect((await cli.ap([...TEST, 'porto-1'])).err).toBe('next: try again; if it stays, the logs of both sides have the cause\n');
});

describe('test of a peer that is not registered', () => {
  it('takes the secret from a file or a pipe, and shows it nowhere', async () => {
    const file = join(cli.home, 'faro.secret');
    await writeFile(file, `${SECRET}\n`);
    for (const ended of [
      await cli.ap([...TEST, ...UNSAVED, '--secret-file', file]),
      await cli.ap([...TEST, ...UNSAVED, '--secret-stdin'], { stdin: `${SECRET}\n` }),
    ]) {
      expect(ended).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^link {8}● good\n/) });
      expect(ended.out).not.toContain(SECRET);
    }
    const asked = { url: 'https://faro.example', remote_peer_id: 'inst-new', outbound_secret: SECRET };
    expect(cli.api.seen.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['POST', '/peers/test', asked],
      ['POST', '/peers/test', asked],
    ]);
  });

  it.each([
    [[], 'It is not said what to test'],
    [['--url', 'https://faro.example'], 'It is not said what to test'],
    [UNSAVED, 'A test needs the secret that the other side has for this instance'],
    [['porto-1', ...UNSAVED], 'A registered peer is tested with its own address and secret'],
    [['porto-1', '--secret-stdin'], 'A registered peer is tested with its own address and secret'],
    [[...UNSAVED, '--secret-stdin'], 'There is no secret in standard input'],
  ])('asks nobody with %p', async (options, sentence) => {
    const { code, out, err } = await cli.ap([...TEST, ...options]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/\(cli\.usage\)\nnext: .+\n$/);
    expect(err.startsWith(`ap: ${sentence} (`)).toBe(true);
    expect(cli.api.seen).toEqual([]);
  });
});

describe('add --test', () => {
  const ADD = [...PEERS, 'add', ...UNSAVED, '--label', 'Faro', '--test'];
  const add = (more: string[] = []) => [...ADD, '--secret-stdin', ...more];

  it('saves what was tested, once the link is good', async () => {
    expect((await cli.ap(add(), { stdin: SECRET })).code).toBe(0);
    expect(cli.api.calls).toEqual(['POST /peers/test', 'POST /peers', 'GET /peers/p-3']);
    const [tested, saved] = cli.api.seen.map(({ body }) => body);
    expect(saved).toEqual({ ...(tested as object), label: 'Faro' });
  });

  it('saves nothing when it is not', async () => {
    cli.api.federation.link = REFUSED;
    expect(await cli.ap(add(), { stdin: SECRET })).toMatchObject({
      code: 1,
      out: '',
      err: `ap: Nothing was saved: The other side does not accept the signature (cli.link-not-good)\nnext: ${ADVICE}\n`,
    });
    const { code, err } = await cli.ap(add(['-o', 'json']), { stdin: SECRET });
    expect(code).toBe(1);
    expect(JSON.parse(err)).toMatchObject({ code: 'cli.link-not-good', facts: { reason: 'auth_rejected', rtt_ms: 9.2 } });
    expect(cli.api.calls).toEqual(['POST /peers/test', 'POST /peers/test']);
    expect(cli.api.peers).toHaveLength(2);
  });

  it('cannot test a secret that is still to be made', async () => {
    const { code, err } = await cli.ap(ADD);
    expect([code, cli.api.seen]).toEqual([2, []]);
    expect(err).toContain('next: give it by --secret-file or --secret-stdin');
  });
});
