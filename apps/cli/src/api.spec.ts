import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { assertPrivate } from './connection.js';
import { CliHarness } from './testing/ap.js';
import type { Behaviour } from './testing/fake-api.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const LIST = ['infra', 'peers', 'list'];
const says =
  (status: number, text: string, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end(text);

describe('an answer that is none', () => {
  it.each<[string, Behaviour, number, string]>([
    ['HTML', says(200, '<html>hello</html>'), 1, 'cli.not-an-answer'],
    ['nothing', says(200, ''), 1, 'cli.not-an-answer'],
    ['JSON of something else', says(200, '{"hello":"world"}'), 1, 'cli.not-an-answer'],
    ['a number', says(200, '7'), 1, 'cli.not-an-answer'],
    ['null', says(200, 'null'), 1, 'cli.not-an-answer'],
    [
      'one thing for a list',
      says(200, '{"as_of":"2026-11-22T10:03:12.000Z","position":"f1","lag_ms":0,"warnings":[],"data":{}}'),
      1,
      'cli.not-an-answer',
    ],
    ['a page that leads to itself', says(200, '{"as_of":"2026-11-22T10:03:12.000Z","data":[],"next_cursor":"x"}'), 1, 'cli.not-an-answer'],
    ['500 without a problem', says(500, 'oops'), 1, 'cli.not-an-answer'],
    ["404 of somebody else's", says(404, 'no'), 1, 'cli.not-an-answer'],
    ['502 of a proxy', says(502, 'Bad Gateway'), 6, 'cli.unreachable'],
    ['a redirect', says(302, '', { location: 'http://elsewhere.example/' }), 1, 'cli.not-an-answer'],
    ['half a line', (response) => response.socket?.end('HTTP/1.1 2'), 6, 'cli.unreachable'],
    ['a closed connection', (response) => response.destroy(), 6, 'cli.unreachable'],
    [
      'less than was promised',
      (response) => response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy()),
      6,
      'cli.unreachable',
    ],
  ])('%s', async (_, behaviour, code, reason) => {
    cli.api.behaviour = behaviour;
    const ended = await cli.ap(LIST);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(new RegExp(`^ap: [^\\n]+ \\(${reason}\\)\\nnext: [^\\n]+\\n$`));
  });

  it('is not read to its end when it has none', async () => {
    const chunk = Buffer.alloc(1 << 20, ' ');
    cli.api.behaviour = (response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.writeHead(200).on('drain', write);
      write();
    };
    const { code, out, err } = await cli.ap(LIST);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^ap: .+ answered with more than 67108864 bytes \(cli\.not-an-answer\)\n/);
  });

  it('is a problem document with -o json', async () => {
    cli.api.behaviour = says(200, '<html>');
    const { code, out, err } = await cli.ap([...LIST, '-o', 'json']);
    expect([code, out]).toEqual([1, '']);
    expect(JSON.parse(err)).toMatchObject({ type: 'urn:problem:cli.not-an-answer', code: 'cli.not-an-answer', title: 'Not an answer' });
  });
});

it.each([
  [400, 'http.invalid', 2],
  [401, 'access.login-needed', 4],
  [403, 'access.denied', 5],
  [404, 'federation.peer-unknown', 3],
  [409, 'federation.peer-exists', 1],
  [413, 'http.413', 1],
  [422, 'federation.url-private', 1],
  [429, 'http.429', 1],
  [500, 'http.500', 1],
  [503, 'read.behind', 1],
])('a problem of status %i is told: %s ends with %i', async (status, code, exit) => {
  cli.api.behaviour = says(status, JSON.stringify({ status, code, detail: 'It is so.', next: 'Do this.' }), { 'retry-after': '7' });
  const next =
    code === 'access.login-needed'
      ? 'set AP_TOKEN to a token that is valid there, or unset it and log in: ap auth login'
      : code === 'http.429'
        ? 'wait 7 s, then try again'
        : 'Do this.';
  expect(await cli.ap(LIST)).toMatchObject({ code: exit, out: '', err: `ap: It is so (${code})\nnext: ${next}\n` });
});

it('tells a problem without letting it act on the terminal', async () => {
  cli.api.behaviour = says(
    422,
    JSON.stringify({ code: 'x.y', detail: 'a\u001b[2J\nb', next: '\u009bn', errors: [{ field: '\u0007f', message: 'm\u202e' }] }),
  );
  expect((await cli.ap(LIST)).err).toBe('ap: a<U+001B>[2J b (x.y)\n  <U+0007>f: m<U+202E>\nnext: <U+009B>n\n');
});

describe('nobody there', () => {
  it('is told when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    expect(await cli.ap([...LIST, '--url', `http://127.0.0.1:${port}`])).toMatchObject({
      code: 6,
      out: '',
      err: `ap: http://127.0.0.1:${port} cannot be reached: nobody listens there (ECONNREFUSED) (cli.unreachable)
next: compare the address with the one that npm start printed (--url, AP_URL, ap profile list); npm start starts it on this machine
`,
    });
  });

  it('is told when nobody answers in time', async () => {
    cli.api.behaviour = () => {};
    expect(await cli.ap([...LIST, '--timeout', '50ms'])).toMatchObject({
      code: 6,
      out: '',
      err: expect.stringMatching(
        /^ap: http:\/\/127\.0\.0\.1:\d+ did not answer within 50 ms \(cli\.timeout\)\nnext: try again, or give a longer --timeout/,
      ),
    });
  });

  it('is told when an answer begins and does not end', async () => {
    cli.api.behaviour = (response) => response.writeHead(200).write('{"as_of":');
    expect((await cli.ap([...LIST, '--timeout', '80ms'])).code).toBe(6);
  });

  it('is told without a guess when a command was on its way', async () => {
    cli.api.behaviour = () => {};
    const { code, err } = await cli.ap(['auth', 'token', 'create', 'ci', '--timeout', '50ms']);
    expect(code).toBe(6);
    expect(err).toContain('next: it may have been carried out all the same: look before you repeat it\n');
  });
});

it('ends at once when it is interrupted', async () => {
  const interruption = new AbortController();
  cli.api.behaviour = () => interruption.abort('SIGINT');
  expect(await cli.ap(LIST, { interrupted: interruption.signal })).toMatchObject({
    code: 130,
    out: '',
    err: 'ap: Interrupted before the answer came (cli.interrupted)\nnext: nothing was changed; ask again when you like\n',
  });
});

it('gives up on a pipe that stays open and says nothing', async () => {
  const { code, err } = await cli.stranger(['auth', 'login', '--timeout', '50ms'], { typed: '' });
  expect(code).toBe(2);
  expect(err).toMatch(/^ap: Standard input stayed open and said nothing \(cli\.usage\)\nnext: /);
});

describe('an address', () => {
  it.each(['ftp://x', 'clawbutler', 'file:///etc/passwd', 'http://', ''])('is not %p', async (url) => {
    const { code, out, err } = await cli.ap([...LIST, '--url', url]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(`ap: --url is not an http or https address: ${url} (cli.usage)\nnext: give one like http://127.0.0.1:4600\n`);
  });

  it('holds no credentials, and they are not repeated', async () => {
    const { code, err } = await cli.ap([...LIST, '--url', 'http://me:hunter2@127.0.0.1']);
    expect([code, err.includes('hunter2')]).toEqual([2, false]);
  });

  it.each(['http://10.0.0.1', 'http://127.0.0.1.example', 'http://localhost.example', 'http://[2001:db8::1]:4600', 'http://0.0.0.0:1'])(
    'is not given a token in clear, unless by who insists: %s',
    async (url) => {
      const { code, err } = await cli.ap([...LIST, '--url', url]);
      expect([code, err]).toEqual([
        2,
        expect.stringMatching(/^ap: A token for http:.+ would travel over the network in clear \(cli\.insecure\)\nnext: /),
      ]);
      expect(() => assertPrivate(url, true)).not.toThrow();
    },
  );

  it.each(['https://clawbutler.example', 'http://localhost:4600', 'http://a.localhost', 'http://127.1.2.3:4600', 'http://[::1]:4600'])(
    'may be given one: %s',
    (url) => expect(() => assertPrivate(url, false)).not.toThrow(),
  );

  it('is asked with --insecure', async () =>
    expect(await cli.ap([...LIST, '--url', 'http://0.0.0.0:1', '--insecure'])).toMatchObject({ code: 6 }));
});

it('takes no token that is none', async () =>
  expect(await cli.ap(LIST, { env: { AP_TOKEN: 'two words' } })).toMatchObject({
    code: 2,
    err: expect.stringContaining('AP_TOKEN is not a token'),
  }));
