import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiConfig,
  ConfigInvalid,
  FederationConfig,
  ProberConfig,
  PublicConfig,
  ServersConfig,
  gatewayTargets,
  originOf,
  readConfig,
  readConfigs,
  variablesOf,
} from '@app/config';

it('knows what to do without any variable', () => {
  expect(readConfig(ApiConfig, {})).toMatchObject({ API_HOST: '127.0.0.1', API_PORT: 4600 });
  expect(readConfig(FederationConfig, {})).toMatchObject({ FEDERATION_ALLOW_LOOPBACK_HTTP: 'false' });
});

it('reads text as what it stands for, and an empty variable as none', () => {
  expect(readConfig(ApiConfig, { API_PORT: '80', API_HOST: '' })).toMatchObject({ API_PORT: 80, API_HOST: '127.0.0.1' });
});

it.each([
  [ApiConfig, 'API_PORT', '70000', 'must be a port'],
  [ApiConfig, 'API_PORT', 'many', 'must be a port'],
  [ApiConfig, 'API_HOSTS', 'https://ops.example', 'must be names like'],
  [ApiConfig, 'API_CONNECTIONS_PER_ADDRESS', '3', 'must be at least 16'],
  [ApiConfig, 'TRUSTED_PROXIES', '10.1.0.6', 'must be the networks of your proxies'],
  [ApiConfig, 'TRUSTED_PROXIES', '0.0.0.0/0', 'must be the networks of your proxies'],
  [PublicConfig, 'TRUSTED_PROXIES', '10.1.0.0/16,::/00', 'must be the networks of your proxies'],
  [PublicConfig, 'TRUSTED_PROXIES', '::ffff:10.0.0.0/104', 'must be the networks of your proxies'],
  [PublicConfig, 'TRUSTED_PROXIES', 'proxy.lan/32', 'must be the networks of your proxies'],
  [FederationConfig, 'SECRETS_KEY', 'dG9vIHNob3J0', 'must be 32 bytes in base64'],
  [FederationConfig, 'FEDERATION_ALLOW_CIDRS', '10.0.0.0/33', 'must be networks like'],
  [ServersConfig, 'NATS_URL', 'localhost:4222', 'must be like nats://'],
  [ServersConfig, 'DATABASE_URL', 'mysql://root:hunter2@db/x', 'must be like postgres://'],
  [ServersConfig, 'NATS_REPLICAS', '2', 'must be 1, 3 or 5'],
  [ServersConfig, 'CALLS_MAX_BYTES', '12', 'must be at least 67108864'],
  [ProberConfig, 'GATEWAYS', 'munich', 'must be like berlin='],
] as const)('%p: %s=%s is refused in words that do not repeat it', (shape, name, value, words) => {
  const read = (): unknown => readConfig<object>(shape, { [name]: value });
  expect(read).toThrow(ConfigInvalid);
  expect(read).toThrow(`${name} ${words}`);
  expect(read).not.toThrow(value);
});

it('names every variable that is wrong, in whichever class, once and in one go', () => {
  const env = {
    API_PORT: 'abc',
    PUBLIC_PORT: '70000',
    SECRETS_KEY: 'short',
    GATEWAYS: 'x',
    FACTS_MAX_BYTES: 'many',
    DATABASE_URL_FILE: '/none',
  };
  const read = (): unknown => readConfigs([ServersConfig, ApiConfig, ProberConfig, FederationConfig, PublicConfig], env);
  expect(read).toThrow(ConfigInvalid);
  expect(read).toThrow(
    new ConfigInvalid(
      'DATABASE_URL_FILE cannot be read: ENOENT; FACTS_MAX_BYTES must be a number of bytes; API_PORT must be a port; ' +
        'GATEWAYS must be like berlin=http://127.0.0.1:18789,lisbon!=https://gw.example; SECRETS_KEY must be 32 bytes in base64; ' +
        'PUBLIC_PORT must be a port',
    ),
  );
});

it('reads several classes, each as it is', () => {
  expect(readConfigs([ApiConfig, PublicConfig], { API_PORT: '80' })).toMatchObject([{ API_PORT: 80 }, { PUBLIC_PORT: 4601 }]);
});

it('takes a variable from a file, as secrets are mounted', () => {
  const dir = mkdtempSync(join(tmpdir(), 'config-'));
  const file = join(dir, 'url');
  writeFileSync(file, 'postgres://a:b@db/x\n');
  expect(readConfig(ServersConfig, { DATABASE_URL_FILE: file }).DATABASE_URL).toBe('postgres://a:b@db/x');
  expect(() => readConfig(ServersConfig, { DATABASE_URL_FILE: join(dir, 'none') })).toThrow('DATABASE_URL_FILE cannot be read: ENOENT');
  rmSync(dir, { recursive: true });
});

it('can say what it reads', () => {
  expect(variablesOf(ProberConfig)).toEqual(['GATEWAYS', 'PROBE_API_URL']);
});

it('writes an address of IPv6 as URLs have it', () => {
  expect([originOf('::1', 4600), originOf('127.0.0.1', 1)]).toEqual(['http://[::1]:4600', 'http://127.0.0.1:1']);
});

it('reads gateways', () => {
  expect(gatewayTargets('berlin=http://127.0.0.1:18789/?a=b, lisbon!=https://gw.example')).toEqual([
    { name: 'berlin', url: 'http://127.0.0.1:18789/?a=b', critical: false },
    { name: 'lisbon', url: 'https://gw.example', critical: true },
  ]);
});
