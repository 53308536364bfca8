import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CliHarness } from '../testing/ap.js';
import { ADMIN_TOKEN, LOGIN_CODE, VIEWER_TOKEN } from '../testing/fake-api.js';
import { NOW, tokenEntry } from '../testing/sample.js';
import { credentialIn } from './auth.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const stored = async () => JSON.parse(await readFile(cli.profilesPath, 'utf8'));
const link = () => `${cli.api.url}/login#code=${LOGIN_CODE}`;
const login = (more: string[] = [], stdin = link()) => cli.stranger(['auth', 'login', ...more], { stdin });

describe('login by a link', () => {
  it('changes the code into a token of this machine, and ends the session', async () => {
    const { code, out, err } = await login();
    expect(code).toBe(0);
    expect(out).toBe(`profile  default\nurl      ${cli.api.url}\nactor    token:t-1\nrole     admin\nexpires  never\n`);
    expect(err).toBe('Logged in. Try: ap infrastructure status\n');
    expect(cli.api.calls).toEqual(['POST /session', 'POST /tokens', 'DELETE /session', 'GET /session']);
    expect(cli.api.seen[1]!.body).toEqual({ name: `cli ${hostname()}`, role: 'admin', expires_in_days: 90 });
    expect(cli.api.sessionsAreClosed).toBe(true);
    expect(await stored()).toEqual({
      version: 1,
      current: 'default',
      profiles: { default: { url: cli.api.url, token: `cb_srv_${'1'.repeat(43)}`, token_id: 't-1', role: 'admin', minted: true } },
    });
  });

  it('is for the eyes of this user only', async () => {
    await login();
    const [file, directory] = await Promise.all([stat(cli.profilesPath), stat(join(cli.home, 'clawbutler'))]);
    expect([file.mode & 0o777, directory.mode & 0o777]).toEqual([0o600, 0o700]);
    expect(await readdir(join(cli.home, 'clawbutler'))).toEqual(['profiles.json']); // No draft stays behind.
  });

  it('is used from then on', async () => {
    await login();
    expect(await cli.stranger(['auth', 'whoami'])).toMatchObject({
      code: 0,
      out: `url          ${cli.api.url}\nactor        token:t-1\nrole         admin\nexpires      never\ninstance     inst-here\nserver time  2026-11-22 10:03:12Z\n`,
    });
  });

  it('names the profile, and says that it is current now and how to go back', async () => {
    expect(await login(['--profile', 'porto'])).toMatchObject({
      out: expect.stringMatching(/^profile {2}porto\n/),
      err: 'porto is the current profile now.\nLogged in. Try: ap infrastructure status\n',
    });
    cli.api.codeIsGood = true;
    expect((await login(['--profile', 'lisbon'])).err).toContain('lisbon is the current profile now; ap profile use porto goes back.\n');
    cli.api.codeIsGood = true;
    expect((await login()).err).toBe('Logged in. Try: ap infrastructure status\n');
    expect((await stored()).current).toBe('lisbon');
  });

  it('shows and stores no secret but the token', async () => {
    const { out, err } = await login();
    for (const secret of [LOGIN_CODE, 's3cr3t-session', 'csrf-of-the-session']) {
      expect(out + err).not.toContain(secret);
      expect(JSON.stringify(await stored())).not.toContain(secret);
    }
    expect(out + err).not.toContain('cb_srv_');
  });

  it('takes a role and an end for the token', async () => {
    await login(['--role', 'viewer', '--expires-in-days', 'never']);
    expect(cli.api.seen[1]!.body).toMatchObject({ role: 'viewer', expires_in_days: null });
  });

  it('ends the token it had before for the same instance', async () => {
    await login();
    cli.api.codeIsGood = true;
    await login();
    expect(cli.api.tokens.map(({ token_id, revoked_at }) => [token_id, revoked_at])).toEqual([
      ['t-2', null],
      ['t-1', NOW],
    ]);
  });

  it('ends the session and stores nothing when no token can be had', async () => {
    cli.api.sessionRole = 'viewer';
    const { code, out, err } = await login();
    expect([code, out]).toEqual([5, '']);
    expect(err).toContain('(access.denied)');
    expect(cli.api.sessionsAreClosed).toBe(true);
    await expect(stat(cli.profilesPath)).rejects.toThrow('ENOENT');
  });

  it('says so when the code is spent', async () => {
    cli.api.codeIsGood = false;
    expect(await login()).toMatchObject({
      code: 4,
      out: '',
      err: 'ap: The login code is not known, was used before, or is older than 15 minutes (access.code-invalid)\nnext: Run npm run login.\n',
    });
  });

  it('does not spend the code when the token could not be kept', async () => {
    await symlink(join(cli.home, 'nowhere'), join(cli.home, 'clawbutler'));
    const { code, err } = await login();
    expect(code).toBe(1);
    expect(err).toMatch(/^ap: .+profiles\.json cannot be written: .+ \(cli\.profiles-unwritable\)\nnext: make that place writable, /);
    expect(cli.api.seen).toEqual([]);
  });

  it('is one document with -o json', async () => {
    const { out, err } = await login(['-o', 'json']);
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      schema: 'ap.auth.login/v1',
      as_of: null,
      position: null,
      lag_ms: null,
      data: { profile: 'default', url: cli.api.url, actor: 'token:t-1', role: 'admin', token_id: 't-1', expires_at: null },
      warnings: [],
    });
  });

  it('goes to --url rather than to where the link points: it may be a tunnel', async () => {
    expect((await login(['--url', cli.api.url], `http://127.0.0.1:1/login#code=${LOGIN_CODE}`)).code).toBe(0);
  });
});

describe('login by hand', () => {
  it('does not show what is typed', async () => {
    const { code, out, err, rawModes } = await cli.stranger(['auth', 'login'], { columns: 80, typed: `${link()}\r` });
    expect(code).toBe(0);
    expect(rawModes).toEqual([true, false]);
    expect(out + err).not.toContain(LOGIN_CODE);
    expect(err).toMatch(/^Login link, code or service token \(not shown\): \n/);
  });

  it('takes a code alone, with the address beside it', async () => {
    const { code } = await cli.stranger(['auth', 'login', '--url', `${cli.api.url}/`], { columns: 80, typed: `${LOGIN_CODE}\r` });
    expect([code, (await stored()).profiles.default.url]).toEqual([0, cli.api.url]);
  });

  it.each([
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 2],
  ])('gives up at %s and gives the terminal back', async (_, key, code) => {
    const ended = await cli.stranger(['auth', 'login'], { columns: 80, typed: `abc${key}` });
    expect([ended.code, ended.rawModes]).toEqual([code, [true, false]]);
    expect(cli.api.seen).toEqual([]);
  });

  it('does not ask with --no-input', async () => {
    const { code, err, rawModes } = await cli.stranger(['auth', 'login', '--no-input'], { columns: 80 });
    expect([code, rawModes]).toEqual([2, []]);
    expect(err).toMatch(/^ap: With --no-input the login must be piped in \(cli\.usage\)\nnext: /);
  });
});

describe('login by a service token', () => {
  it('keeps one that works', async () => {
    expect(await login(['--url', cli.api.url, '--profile', 'ci'], `${VIEWER_TOKEN}\n`)).toMatchObject({ code: 0 });
    expect(await stored()).toMatchObject({
      current: 'ci',
      profiles: { ci: { token: VIEWER_TOKEN, token_id: 't-viewer', role: 'viewer', minted: false } },
    });
  });

  it('does not keep one that does not', async () => {
    const { code, err } = await login(['--url', cli.api.url], `cb_srv_${'x'.repeat(43)}`);
    expect(code).toBe(4);
    expect(err).toMatch(/\(access\.login-needed\)\nnext: give a token that is valid at http:.+, or a login link/);
    await expect(stat(cli.profilesPath)).rejects.toThrow('ENOENT');
  });

  it('does not send one in clear to another host, unless told', async () => {
    const { code, err } = await login(['--url', 'http://clawbutler.example'], VIEWER_TOKEN);
    expect(code).toBe(2);
    expect(err).toMatch(/^ap: A token for http:\/\/clawbutler\.example would travel over the network in clear \(cli\.insecure\)\nnext: /);
  });
});

it.each([
  ['', 'Nothing came on standard input'],
  ['  \n', 'Nothing came on standard input'],
  ['hello', 'What was given is neither a login link nor a code nor a service token'],
  ['x'.repeat(70_000), 'There is too much on standard input'],
  ['cb_srv_short', 'What was given is neither a login link nor a code nor a service token'],
  [`${ADMIN_TOKEN} ${VIEWER_TOKEN}`, 'Several logins were given at once'],
])('refuses what is no login (%#): %s', async (stdin, sentence) => {
  const { code, err } = await login([], stdin);
  expect(code).toBe(2);
  expect(err.startsWith(`ap: ${sentence} (cli.usage)\nnext: `)).toBe(true);
  expect(err).not.toContain('cb_srv_');
});

it('finds the login in all that npm run login printed', () => {
  const text = `\n> clawbutler@0.1.0 login\n\n  Log in: http://127.0.0.1:4600/login#code=${LOGIN_CODE}\n  or with the code ${LOGIN_CODE} for 15 minutes.\n`;
  expect(credentialIn(text)).toEqual({ kind: 'code', secret: LOGIN_CODE, url: 'http://127.0.0.1:4600' });
  expect(credentialIn(LOGIN_CODE)).toEqual({ kind: 'code', secret: LOGIN_CODE, url: undefined });
  expect(credentialIn(`https://house.example/butler/login#code=${LOGIN_CODE}`).url).toBe('https://house.example/butler');
});

describe('logout', () => {
  it('ends the token it had made, and forgets it', async () => {
    await login();
    expect(await cli.stranger(['auth', 'logout'])).toMatchObject({
      code: 0,
      err: '',
      out: `profile  default\nurl      ${cli.api.url}\ntoken    revoked\n`,
    });
    expect(cli.api.tokens[0]).toMatchObject({ token_id: 't-1', revoked_at: NOW });
    expect(await stored()).toMatchObject({ profiles: {} });
    expect((await cli.stranger(['auth', 'whoami', '--url', cli.api.url])).code).toBe(4);
  });

  it('does not end a token it was given', async () => {
    await login(['--url', cli.api.url], ADMIN_TOKEN);
    const { code, out, err } = await cli.stranger(['auth', 'logout']);
    expect([code, out.includes('forgotten, not revoked')]).toEqual([0, true]);
    expect(err).toBe('The token was given to ap and stays valid. To end it: ap auth token revoke t-admin\n');
    expect(cli.api.knows(ADMIN_TOKEN)).toBe(true);
  });

  it('forgets a token it cannot end, and says so', async () => {
    await login(['--role', 'viewer']);
    const { code, out, err } = await cli.stranger(['auth', 'logout', '-o', 'json']);
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toMatchObject({
      schema: 'ap.auth.logout/v1',
      data: { profile: 'default', revoked: false },
      warnings: [{ code: 'access.denied', detail: expect.stringContaining('the token t-1 could not be revoked') }],
    });
    expect(await stored()).toMatchObject({ profiles: {} });
  });

  it('says when there is none', async () =>
    expect(await cli.stranger(['auth', 'logout'])).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('(cli.profile-unknown)'),
    }));
});

describe('whoami', () => {
  it('is a document with -o json, without anything to act with', async () => {
    const { out } = await cli.json(['auth', 'whoami']);
    expect(out).toEqual({
      schema: 'ap.auth.whoami/v1',
      as_of: NOW,
      position: null,
      lag_ms: null,
      data: { url: cli.api.url, actor: 'token:t-admin', role: 'admin', expires_at: null, instance_id: 'inst-here', server_time: NOW },
      warnings: [],
    });
  });

  it('needs a login, and asks nobody without', async () => {
    expect(await cli.stranger(['auth', 'whoami'], { env: { AP_URL: cli.api.url } })).toMatchObject({
      code: 4,
      out: '',
      err: `ap: You are not logged in to ${cli.api.url} (access.login-needed)\nnext: log in: ap auth login\n`,
    });
    expect(cli.api.seen).toEqual([]);
  });
});

describe('token', () => {
  it('is shown once when it is made', async () => {
    const { code, out, err } = await cli.ap(['auth', 'token', 'create', 'ci', '--expires-in-days', '30']);
    expect(code).toBe(0);
    expect(out).toBe(`token  cb_srv_${'1'.repeat(43)}
NAME  ROLE    STATE    EXPIRES               ISSUED                ISSUED BY    TOKEN ID
ci    viewer  ● valid  2026-12-22 10:03:12Z  2026-11-22 10:03:12Z  session:s-1  t-1
`);
    expect(err).toBe('This token is shown once and cannot be read again. Programs send it as: Authorization: Bearer <token>\n');
    expect(cli.api.seen[0]!.body).toEqual({ name: 'ci', role: 'viewer', expires_in_days: 30 });
    expect(cli.api.seen[1]!.query).toEqual({ after: 'f41', limit: '200' });
    expect((await cli.json(['auth', 'token', 'create', 'ci'])).out).toMatchObject({
      schema: 'ap.auth.command/v1',
      data: { token_id: 't-2', token: `cb_srv_${'2'.repeat(43)}`, entry: { name: 'ci' } },
    });
  });

  it('is listed with what became of it, never its text', async () => {
    expect((await cli.ap(['auth', 'token', 'list'])).err).toBe('No token was ever made. Make one: ap auth token create --help\n');
    cli.api.tokens.push(
      tokenEntry({ token_id: 't-3', name: 'ci' }),
      tokenEntry({ token_id: 't-2', name: 'old', expires_at: NOW }),
      tokenEntry({ token_id: 't-1', name: 'gone', revoked_at: NOW }),
    );
    const { out } = await cli.ap(['auth', 'token', 'list']);
    expect(out).toBe(`NAME  ROLE    STATE      EXPIRES               ISSUED                ISSUED BY    TOKEN ID
ci    viewer  ● valid    never                 2026-11-22 10:03:12Z  session:s-1  t-3
old   viewer  ○ expired  2026-11-22 10:03:12Z  2026-11-22 10:03:12Z  session:s-1  t-2
gone  viewer  ○ revoked  never                 2026-11-22 10:03:12Z  session:s-1  t-1
`);
    expect((await cli.json(['auth', 'token', 'list', '--limit', '1'])).out).toMatchObject({
      schema: 'ap.auth.tokens.list/v1',
      data: [{ name: 'ci' }],
      next_cursor: '1',
    });
  });

  it('binds a token of a caller to the calls that are named', async () => {
    const bind = ['--bind', 'lisbon-2/planner/read', '--bind', '*/archive', '--bind', 'Lisbon, second hall'];
    const { out } = await cli.ap(['auth', 'token', 'create', 'travel', '--role', 'caller', ...bind]);
    expect(out).toMatch(/CALLS +TOKEN ID\n.* lisbon-2\/planner\/read, \*\/archive, lisbon-2 +t-1\n$/);
    expect(cli.api.seen.find(({ method }) => method === 'POST')?.body).toMatchObject({
      role: 'caller',
      bindings: [
        { peer_id: 'lisbon-2', agent: 'planner', method_class: 'read' },
        { peer_id: null, agent: 'archive', method_class: null },
        { peer_id: 'lisbon-2', agent: null, method_class: null },
      ],
    });
  });

  it.each([
    [['--role', 'caller'], 'needs --bind'],
    [['--role', 'viewer', '--bind', '*'], '--bind is of the role caller only'],
    [['--role', 'caller', '--bind', 'a/b/c/d'], 'Give one as <peer>'],
    [['--role', 'caller', '--bind', 'a//read'], 'Give one as <peer>'],
    [['--role', 'caller', '--bind', 'a/b/write'], 'The class is one of read, send, admin'],
  ])('is not made with %j', async (options, words) => {
    expect(await cli.ap(['auth', 'token', 'create', 'travel', ...options])).toMatchObject({
      code: 2,
      err: expect.stringContaining(words),
    });
    expect(cli.api.seen).toEqual([]);
  });

  it('takes the place of another, which ends at once or after the overlap', async () => {
    await cli.ap(['auth', 'token', 'create', 'travel', '--role', 'caller', '--bind', '*']);
    const { code, out, err } = await cli.ap(['auth', 'token', 'rotate', 't-1']);
    expect([code, err]).toEqual([0, expect.stringContaining('shown once')]);
    expect(out).toMatch(new RegExp(`^token  cb_srv_${'2'.repeat(43)}\n[^]*travel +caller[^]* t-2\n$`));
    await cli.ap(['auth', 'token', 'rotate', 't-2', '--overlap', '24h']);
    expect(cli.api.seen.filter(({ path }) => path.endsWith('/rotate')).map(({ path, body }) => [path, body])).toEqual([
      ['/tokens/t-1/rotate', { overlap_minutes: 0 }],
      ['/tokens/t-2/rotate', { overlap_minutes: 1_440 }],
    ]);
    const states = (await cli.ap(['auth', 'token', 'list'])).out;
    expect(states).toMatch(/● valid[^]*● until 2026-11-23 10:03:12Z[^]*○ rotated/);
  });

  it.each(['25h', '0s', 'soon'])('does not take an overlap of %s', async (overlap) => {
    expect(await cli.ap(['auth', 'token', 'rotate', 't-1', '--overlap', overlap])).toMatchObject({ code: 2, out: '' });
    expect(cli.api.seen).toEqual([]);
  });

  it('shows what a later release refuses of it', async () => {
    cli.api.tokens.push(tokenEntry({ token_id: 't-1', name: 'ci', role: 'operator', warnings: ['It may call.'] }));
    expect((await cli.ap(['auth', 'token', 'list'])).err).toBe('t-1: It may call.\n');
  });

  it('is ended by its id', async () => {
    await cli.ap(['auth', 'token', 'create', 'ci']);
    expect((await cli.ap(['auth', 'token', 'revoke', 't-1'])).out).toContain('○ revoked');
    expect(await cli.ap(['auth', 'token', 'revoke', 't-9'])).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('(access.token-unknown)'),
    });
  });
});

describe('profile', () => {
  beforeEach(async () => {
    await login(['--url', cli.api.url], ADMIN_TOKEN);
    await login(['--url', cli.api.url, '--profile', 'berlin'], VIEWER_TOKEN);
  });
  const ap = (...argv: string[]) => cli.stranger(argv);
  const actor = async (argv: string[], env = {}) =>
    JSON.parse((await cli.stranger(['auth', 'whoami', '-o', 'json', ...argv], { env })).out).data.actor;

  it('lists them, without the tokens', async () => {
    const { out } = await ap('profile', 'list');
    expect(out.replaceAll(cli.api.url, 'URL')).toMatch(
      /^PROFILE {2}CURRENT {2}ROLE {4}URL +TOKEN ID\ndefault {2}no {7}admin {3}URL {2}t-admin\nberlin {3}● yes {4}viewer {2}URL {2}t-viewer\n$/,
    );
    const document = JSON.parse((await ap('profile', 'list', '-o', 'json')).out);
    expect(document).toMatchObject({
      schema: 'ap.profile.list/v1',
      data: [
        { name: 'default', current: false },
        { name: 'berlin', current: true },
      ],
    });
    expect(JSON.stringify(document)).not.toContain('cb_srv_');
  });

  it('uses the last login, the one chosen, or the one named', async () => {
    expect(await actor([])).toBe('token:t-viewer');
    expect((await ap('profile', 'use', 'default')).code).toBe(0);
    expect(await actor([])).toBe('token:t-admin');
    expect(await actor([], { AP_PROFILE: 'berlin' })).toBe('token:t-viewer');
    expect(await actor(['--profile', 'default'], { AP_PROFILE: 'berlin' })).toBe('token:t-admin');
    expect(await actor([], { AP_TOKEN: VIEWER_TOKEN })).toBe('token:t-viewer'); // At the address of the profile.
  });

  it('does not take a stored token to another address', async () => {
    const other = await CliHarness.open();
    for (const [argv, env] of [
      [['--url', other.api.url], {}],
      [[], { AP_URL: other.api.url }],
    ] as const) {
      expect(await cli.stranger(['auth', 'whoami', ...argv], { env })).toMatchObject({
        code: 4,
        err: expect.stringContaining(`not logged in to ${other.api.url}`),
      });
    }
    expect(other.api.seen).toEqual([]);
    await other.close();
  });

  it('forgets one and says that its token lives on', async () => {
    expect(await ap('profile', 'remove', 'berlin')).toMatchObject({
      code: 0,
      out: 'removed  berlin\n',
      err: 'Its token stays valid. To end it: ap auth token revoke t-viewer\n',
    });
    expect(Object.keys((await stored()).profiles)).toEqual(['default']);
  });

  it.each([
    [['profile', 'use', 'paris'], 3],
    [['profile', 'remove', 'paris'], 3],
    [['auth', 'whoami', '--profile', 'paris'], 3],
    [['auth', 'whoami', '--profile', '../x'], 2],
    [['auth', 'whoami', '--profile', '__proto__'], 2],
  ])('says when there is none: %p', async (argv, code) => {
    const ended = await cli.stranger(argv);
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(/^ap: .+ \(cli\..+\)\nnext: .+\n$/);
  });

  it('warns when others may read the tokens, and mends it with the next change', async () => {
    await chmod(cli.profilesPath, 0o644);
    expect((await ap('auth', 'whoami')).err).toBe(
      `warning: others on this machine may read ${cli.profilesPath}; chmod 600 it (cli.profiles-exposed)\n`,
    );
    await ap('profile', 'use', 'default');
    expect((await stat(cli.profilesPath)).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{"version":1', '[]', '{"version":2,"current":"a","profiles":{}}', '{"version":1,"current":"a","profiles":{"a":{}}}'])(
    'says when the file is not as ap writes it: %p',
    async (text) => {
      await writeFile(cli.profilesPath, text);
      const { code, err } = await ap('auth', 'whoami');
      expect(code).toBe(1);
      expect(err).toMatch(
        /^ap: .+profiles\.json cannot be read: .+ \(cli\.profiles-unreadable\)\nnext: mend it, or move it away and log in again\n$/,
      );
      expect((await cli.ap(['auth', 'whoami'])).code).toBe(0); // With everything in the environment it is not needed.
    },
  );
});

it('falls back to ~/.config', async () => {
  await mkdir(join(cli.home, 'me'));
  await cli.stranger(['auth', 'login'], { stdin: link(), env: { HOME: join(cli.home, 'me'), XDG_CONFIG_HOME: '' } });
  expect(await readdir(join(cli.home, 'me', '.config', 'clawbutler'))).toEqual(['profiles.json']);
});
