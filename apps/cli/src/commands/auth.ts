import { hostname } from 'node:os';
import type { Api } from '../api.js';
import { addressOf, profileName, urlOf } from '../connection.js';
import type { Role, Session, TokenIssued, WhoAmI } from '../contract.js';
import type { Context } from '../context.js';
import { Failure, failure } from '../failure.js';
import { type Days, daysOf } from '../grammar.js';
import { readHidden, readPiped } from '../input.js';
import type { Profile } from '../profiles.js';
import { details } from '../view/table.js';
import { instant } from '../view/words.js';

interface LoginOptions {
  role?: Role;
  expiresInDays: Days;
}

/** `ap auth login`: a one-time code is changed into a token of this machine's own, a token is taken as it is. */
export async function login(context: Context, options: LoginOptions): Promise<void> {
  const { store, globals, terminal, output } = context;
  const stored = await store.read();
  const before = stored.current;
  const isKept = stored.profiles.has(before);
  const name = profileName(globals, terminal.env, stored);
  const earlier = stored.profiles.get(name);
  const given = credentialIn(await ask(context));
  const linked = globals.url === undefined ? given.url : undefined;
  const url = linked === undefined ? urlOf(globals, terminal.env, earlier) : addressOf(linked, 'the login link');
  await store.prepare();

  const profile =
    given.kind === 'code' ? await mint(context, url, given.secret, options, earlier) : await adopt(context, url, given.secret);
  stored.profiles.set(name, profile);
  await store.write({ current: name, profiles: stored.profiles });
  const who = await whoIs(context.apiAs(url, profile.token));
  const data = { profile: name, url, actor: who.actor, role: who.role, token_id: profile.token_id, expires_at: who.expires_at };
  output.data('ap.auth.login/v1', { ...local, data }, (canvas) => details([['profile', name], ...identity(data)], canvas));
  if (name !== before) output.hint(`${name} is the current profile now${isKept ? `; ap profile use ${before} goes back` : ''}.`);
  output.hint('Logged in. Try: ap infrastructure status');
  if (terminal.env['AP_TOKEN']) output.hint('AP_TOKEN is set and is used instead of this login.');
}

/** `ap auth logout`: forgets the login, and ends its token where `ap` had it made. */
export async function logout(context: Context): Promise<void> {
  const { store, globals, terminal, output } = context;
  const stored = await store.read();
  const name = profileName(globals, terminal.env, stored);
  const profile = stored.profiles.get(name);
  if (profile === undefined)
    throw failure('cli.profile-unknown', `There is no login to end: no profile ${name}`, 'ap profile list shows which there are');
  const revoked = profile.minted && (await revoke(context, context.apiAs(profile.url, profile.token), profile));
  if (!profile.minted) output.hint(`The token was given to ap and stays valid. To end it: ap auth token revoke ${profile.token_id}`);
  stored.profiles.delete(name);
  await store.write(stored);
  output.data('ap.auth.logout/v1', { ...local, data: { profile: name, url: profile.url, revoked } }, (canvas) =>
    details(
      [
        ['profile', name],
        ['url', profile.url],
        ['token', revoked ? 'revoked' : 'forgotten, not revoked'],
      ],
      canvas,
    ),
  );
  if (terminal.env['AP_TOKEN']) output.hint('AP_TOKEN is set and goes on being used.');
}

/** `ap auth whoami` */
export async function whoami(context: Context): Promise<void> {
  const api = await context.api();
  const { actor, role, expires_at, instance_id, server_time } = await whoIs(api);
  const data = { url: api.base, actor, role, expires_at, instance_id, server_time };
  context.output.data('ap.auth.whoami/v1', { ...local, as_of: server_time, data }, (canvas) =>
    details([...identity(data), ['instance', instance_id], ['server time', instant(server_time)]], canvas),
  );
}

/** Around what `ap` answers by itself. */
const local = { as_of: null, position: null, lag_ms: null, warnings: [] };

const identity = ({ url, actor, role, expires_at }: { url: string; actor: string; role: Role; expires_at: string | null }) =>
  [
    ['url', url],
    ['actor', actor],
    ['role', role],
    ['expires', instant(expires_at) || 'never'],
  ] as [string, string][];

/** The one answer without an envelope: nothing is read for it. */
async function whoIs(api: Api): Promise<WhoAmI> {
  const who = (await api.send('GET', '/session')).body as WhoAmI | null;
  if (typeof who?.actor !== 'string') throw api.notAnAnswer(200);
  return who;
}

const WHAT = 'a login link or code (npm run login prints one), or a service token';

async function ask(context: Context): Promise<string> {
  const { terminal, globals, output } = context;
  if (terminal.stdin.isTTY !== true)
    return readPiped(terminal, AbortSignal.any([terminal.interrupted, AbortSignal.timeout(globals.timeout)]));
  if (!globals.input) throw failure('cli.usage', 'With --no-input the login must be piped in', `pipe in ${WHAT}`);
  output.prompt('Login link, code or service token (not shown): ');
  return readHidden(terminal);
}

type Credential = { kind: 'code' | 'token'; secret: string; url: string | undefined };

/** Finds the one credential in what was given, which may be all that `npm run login` printed. */
export function credentialIn(text: string): Credential {
  const found = new Map<string, Credential>();
  for (const [, link, code, token] of text.matchAll(/(?:(https?:\/\/[^\s#]+)#code=)?(cb_login_[\w-]+)|(cb_srv_[\w-]{43})(?![\w-])/g)) {
    const secret = (code ?? token)!;
    const url = link?.replace(/\/login\/?$/, '') ?? found.get(secret)?.url;
    found.set(secret, { kind: code === undefined ? 'token' : 'code', secret, url });
  }
  const [credential, ...more] = found.values();
  if (credential === undefined) {
    const sentence =
      text.trim() === '' ? 'Nothing came on standard input' : 'What was given is neither a login link nor a code nor a service token';
    throw failure('cli.usage', sentence, `give ${WHAT}`);
  }
  if (more.length > 0) throw failure('cli.usage', 'Several logins were given at once', `give one: ${WHAT}`);
  return credential;
}

/** A code opens a session; in it a token of our own is made, which outlives it. */
async function mint(context: Context, url: string, code: string, options: LoginOptions, earlier: Profile | undefined): Promise<Profile> {
  const open = context.apiAs(url, undefined);
  const { headers, body } = await open.send('POST', '/session', { code });
  const session = body as Session | null;
  const cookie = headers.getSetCookie().find((line) => /^(__Host-)?cb_session_/.test(line));
  if (cookie === undefined || typeof session?.csrf_token !== 'string') throw open.notAnAnswer(201);
  const api = open.with({ cookie: cookie.split(';')[0]!, 'x-csrf-token': session.csrf_token });
  try {
    const role = options.role ?? session.role;
    const { token, token_id } = await api.command<TokenIssued>('POST', '/tokens', {
      name: `cli ${hostname()}`,
      role,
      expires_in_days: daysOf(options.expiresInDays),
    });
    if (earlier?.minted && earlier.url === url) await revoke(context, api, earlier);
    return { url, token, token_id, role, minted: true };
  } finally {
    await attempt(context, 'the login session could not be ended, it ends by itself', () => api.send('DELETE', '/session'));
  }
}

/** A token from elsewhere: it must work, or it is not kept. */
async function adopt(context: Context, url: string, token: string): Promise<Profile> {
  const { actor, role } = await whoIs(
    context.apiAs(url, token, `give a token that is valid at ${url}, or a login link (npm run login prints one)`),
  );
  return { url, token, token_id: actor.replace(/^token:/, ''), role, minted: false };
}

const revoke = (context: Context, api: Api, { token_id }: Profile): Promise<boolean> =>
  attempt(context, `the token ${token_id} could not be revoked and stays valid until it expires`, () =>
    api.command('POST', `/tokens/${encodeURIComponent(token_id)}/revoke`, {}),
  );

/** For what should be cleared away, and must not stand in the way. */
async function attempt({ output, terminal }: Context, otherwise: string, act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!(error instanceof Failure) || terminal.interrupted.aborted) throw error;
    output.warn(error.problem.code, `${otherwise}: ${error.problem.detail}`);
    return false;
  }
}
