import { profileName } from '../connection.js';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { details, table } from '../view/table.js';

const local = { as_of: null, position: null, lag_ms: null, warnings: [] };

/** `ap profile list`: the tokens themselves are not shown. */
export async function listProfiles({ store, globals, terminal, output }: Context): Promise<void> {
  const stored = await store.read();
  const current = profileName(globals, terminal.env, stored);
  const data = [...stored.profiles].map(([name, { url, role, token_id }]) => ({ name, current: name === current, url, role, token_id }));
  output.data('ap.profile.list/v1', { ...local, data }, (canvas) =>
    data.length === 0
      ? []
      : table(
          [{ head: 'PROFILE' }, { head: 'CURRENT' }, { head: 'ROLE' }, { head: 'URL', least: 20 }, { head: 'TOKEN ID' }],
          data.map((profile) => [profile.name, profile.current ? '● yes' : 'no', profile.role, profile.url, profile.token_id]),
          canvas,
        ),
  );
  if (data.length === 0) output.hint('No login is stored. Log in: ap auth login');
}

/** `ap profile use` */
export async function useProfile({ store, terminal, output }: Context, _options: object, name: string): Promise<void> {
  const stored = await store.read();
  const profile = stored.profiles.get(name);
  if (profile === undefined) throw unknown(name);
  await store.write({ ...stored, current: name });
  output.data('ap.profile/v1', { ...local, data: { name, current: true, url: profile.url } }, (canvas) =>
    details(
      [
        ['profile', name],
        ['url', profile.url],
      ],
      canvas,
    ),
  );
  if (terminal.env['AP_PROFILE']) output.hint('AP_PROFILE is set and goes before this choice.');
}

/** `ap profile remove`: forgets; unlike `ap auth logout` it asks nothing of the server. */
export async function removeProfile({ store, output }: Context, _options: object, name: string): Promise<void> {
  const stored = await store.read();
  const profile = stored.profiles.get(name);
  if (profile === undefined) throw unknown(name);
  stored.profiles.delete(name);
  await store.write(stored);
  output.data('ap.profile/v1', { ...local, data: { name, current: false, url: profile.url } }, (canvas) =>
    details([['removed', name]], canvas),
  );
  output.hint(`Its token stays valid. To end it: ap auth token revoke ${profile.token_id}`);
}

const unknown = (name: string) => failure('cli.profile-unknown', `There is no profile ${name}`, 'ap profile list shows which there are');
