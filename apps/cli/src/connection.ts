import { failure } from './failure.js';
import type { Globals } from './globals.js';
import { PROFILE_NAME, type Profile, type Profiles } from './profiles.js';

export const DEFAULT_URL = 'http://127.0.0.1:4600';
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

type Env = Readonly<Record<string, string | undefined>>;

/** The address as everything else expects it: http or https, without credentials, query or slash at its end. */
export function addressOf(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw failure('cli.usage', `${source} is not an http or https address: ${text}`, `give one like ${DEFAULT_URL}`);
  if (url.username !== '' || url.password !== '')
    throw failure('cli.usage', `${source} holds credentials`, 'leave them out; a token comes from ap auth login or AP_TOKEN');
  return url.origin + url.pathname.replace(/\/+$/, '');
}

/** Throws where a token would be readable on its way. */
export function assertPrivate(address: string, insecure: boolean): void {
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || insecure || LOOPBACK.test(hostname)) return;
  const next = 'use its https address, or an ssh tunnel; --insecure sends it all the same';
  throw failure('cli.insecure', `A token for ${address} would travel over the network in clear`, next);
}

/** The name of the profile this command is about, whether there is one of that name or not. */
export function profileName({ profile }: Globals, env: Env, { current }: Profiles): string {
  const name = profile ?? (env['AP_PROFILE'] || current);
  if (!PROFILE_NAME.test(name))
    throw failure('cli.usage', `A profile cannot be called ${name}`, 'use letters, digits, dots, dashes and underscores');
  return name;
}

/**
 * Where to and as whom. An option goes before the environment, that before the stored profile. A stored token is for the
 * address it was stored with: `--url` to another one does not take it there.
 */
export function connectionOf(globals: Globals, env: Env, stored: Profiles): { url: string; token: string } {
  const name = profileName(globals, env, stored);
  const profile = stored.profiles.get(name);
  const isNamed = globals.profile !== undefined || Boolean(env['AP_PROFILE']);
  if (profile === undefined && isNamed)
    throw failure(
      'cli.profile-unknown',
      `There is no profile ${name}`,
      `ap profile list shows which there are; ap auth login --profile ${name} makes it`,
    );
  const url = urlOf(globals, env, profile);
  const token = env['AP_TOKEN'] || (profile?.url === url ? profile.token : undefined);
  if (token === undefined) throw loginNeeded(url, globals.url !== undefined);
  if (!/^[\x21-\x7e]+$/.test(token))
    throw failure('cli.usage', 'AP_TOKEN is not a token: it holds blanks or control characters', 'set it to the token alone');
  return { url, token };
}

export function urlOf({ url }: Globals, env: Env, profile: Profile | undefined): string {
  if (url !== undefined) return addressOf(url, '--url');
  if (env['AP_URL']) return addressOf(env['AP_URL'], 'AP_URL');
  return addressOf(profile?.url ?? DEFAULT_URL, 'the address in the profile');
}

const loginNeeded = (url: string, named: boolean) =>
  failure('access.login-needed', `You are not logged in to ${url}`, `log in: ap auth login${named ? ` --url ${url}` : ''}`);
