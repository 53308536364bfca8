import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FederationConfig, ServersConfig, readConfig } from '@app/config';
import { type TestDir, testDir } from '@app/runtime/testing';
import { readCompose, readEnv } from './compose.js';
import { makeSecrets } from './containers.js';

const EXTERNAL = { DATABASE_URL: 'postgres://butler:a\\b@db.example:5432/butler', VALKEY_URL: 'redis://:x@valkey.example:6379' };

let dir: TestDir;
beforeEach(() => void (dir = testDir()));
afterEach(() => dir.remove());

const contentOf = (secrets: string): Record<string, string> =>
  Object.fromEntries(readdirSync(secrets).map((name) => [name, readFileSync(join(secrets, name), 'utf8')]));

it.each([
  ['compose.yaml', [], {}],
  ['compose.cluster.yaml', ['cluster'], EXTERNAL],
])('makes every file that %s mounts, and none that would be read otherwise than it is meant', async (file, args, env) => {
  const secrets = await makeSecrets(dir.path, args, env);
  const mounted = Object.values(readCompose(file, readEnv('.env.example')).secrets).map((secret) => secret.file);
  const made = readdirSync(secrets).map((name) => `secrets/${name}`);
  expect(new Set(made)).toEqual(new Set([...mounted, 'secrets/nats-reader-url']));
  const at = (name: string): string => join(secrets, name);
  const servers = readConfig(ServersConfig, {
    NATS_URL_FILE: at('nats-app-url'),
    DATABASE_URL_FILE: at('database-url'),
    VALKEY_URL_FILE: at('valkey-url'),
  });
  const hosts = file === 'compose.yaml' ? 'nats:4222' : 'nats-1:4222,nats-2:4222,nats-3:4222';
  expect(servers.NATS_URL).toMatch(new RegExp(`^nats://app:[0-9a-f]{48}@${hosts}$`));
  expect(servers).toMatchObject(env);
  expect(readConfig(FederationConfig, { SECRETS_KEY_FILE: at('secrets-key') }).SECRETS_KEY).toHaveLength(44);
});

it('says the same password to a server and to whoever logs in there', async () => {
  const files = contentOf(await makeSecrets(dir.path));
  for (const user of ['admin', 'app', 'reader']) {
    const [, password = '-'] = /:(\w+)@/.exec(files[`nats-${user}-url`]!) ?? [];
    expect(files['nats-passwords.conf']).toContain(`${user.toUpperCase()}_PASSWORD: "${password}"`);
  }
  expect(files['database-url']).toContain(`:${files['postgres-password']!.trim()}@postgres:5432/`);
  expect(`redis://:${files['valkey-password.conf']!.trim().replace('requirepass ', '')}@valkey:6379\n`).toBe(files['valkey-url']);
});

it('makes no two alike, for its owner alone to reach and for the users of containers to read', async () => {
  const secrets = await makeSecrets(join(dir.path, 'one'));
  const other = contentOf(await makeSecrets(join(dir.path, 'other')));
  expect(statSync(secrets).mode & 0o777).toBe(0o700);
  for (const [name, content] of Object.entries(contentOf(secrets))) {
    expect([name, statSync(join(secrets, name)).mode & 0o777]).toEqual([name, 0o444]);
    expect(other[name]).not.toBe(content);
  }
});

it('replaces none: the volumes were made with them', async () => {
  const before = contentOf(await makeSecrets(dir.path));
  await expect(makeSecrets(dir.path)).rejects.toThrow(/is there already/);
  expect(contentOf(join(dir.path, 'secrets'))).toEqual(before);
});

it.each([
  ['a cluster without its PostgreSQL', ['cluster'], { VALKEY_URL: EXTERNAL.VALKEY_URL }, /name them in DATABASE_URL and VALKEY_URL/],
  ['what nobody knows', ['clutser'], {}, /Nobody knows what "clutser" is/],
])('makes nothing for %s', async (_name, args, env, words) => {
  await expect(makeSecrets(dir.path, args, env as unknown as Record<string, string>)).rejects.toThrow(words);
  expect(readdirSync(dir.path)).toEqual(['secrets.sh']);
});
