import {
  ConfigInvalid,
  FederationConfig,
  PublicConfig,
  outboundRules,
  outboundWarning,
  ownEndpoints,
  publicSettings,
  readConfig,
  secretsKeyOf,
  trustedProxies,
} from '@app/config';

const settings = (env: Record<string, string>) => publicSettings(readConfig(PublicConfig, env));
const TLS = {
  PUBLIC_TLS_CERT: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
  PUBLIC_TLS_KEY: '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
};

it('listens on loopback, and plainly, unless told otherwise', () => {
  const ours = { host: '127.0.0.1', port: 4601, publicUrl: 'http://127.0.0.1:4601', aliases: [], maxConnectionsPerAddress: 1_000 };
  expect(settings({})).toEqual({ ...ours, trustedProxies: [] });
  expect(settings({ PUBLIC_CONNECTIONS_PER_ADDRESS: '64' })).toMatchObject({ maxConnectionsPerAddress: 64 });
  expect(settings({ PUBLIC_HOST: '::1', PUBLIC_PORT: '80' }).publicUrl).toBe('http://[::1]');
});

it.each(['0.0.0.0', '10.1.2.3', '::', 'butler.lan'])('does not speak plainly on %s', (PUBLIC_HOST) => {
  expect(() => settings({ PUBLIC_HOST })).toThrow(ConfigInvalid);
  expect(() => settings({ PUBLIC_HOST, PUBLIC_URL: 'http://butler.example' })).toThrow('PUBLIC_TLS_CERT');
  expect(settings({ PUBLIC_HOST, PUBLIC_URL: 'https://butler.example/' }).publicUrl).toBe('https://butler.example');
  expect(settings({ PUBLIC_HOST, ...TLS })).toMatchObject({
    publicUrl: expect.stringMatching(/^https:/),
    tls: { cert: TLS.PUBLIC_TLS_CERT },
  });
});

it.each(['https://butler.example/cb', 'https://butler.example/?a=b', 'https://butler.example/#top', 'https://me:secret@butler.example'])(
  'does not start where others would not find it: %s',
  (PUBLIC_URL) => {
    expect(() => settings({ PUBLIC_URL })).toThrow(ConfigInvalid);
    expect(() => settings({ PUBLIC_URL })).toThrow('PUBLIC_URL must be');
    expect(() => settings({ PUBLIC_URL })).not.toThrow('secret');
  },
);

it('takes other addresses, each until its last day has passed', () => {
  const PUBLIC_URL_ALIASES = 'https://old.example=2027-01-31, HTTP://LOCALHOST:4601/=2028-02-29';
  expect(settings({ PUBLIC_URL_ALIASES }).aliases).toEqual([
    { url: 'https://old.example', endsAt: '2027-02-01T00:00:00.000Z' },
    { url: 'http://localhost:4601', endsAt: '2028-03-01T00:00:00.000Z' },
  ]);
  expect(settings({}).aliases).toEqual([]);
});

it.each([
  'https://old.example',
  'https://old.example=soon',
  'https://old.example=2027-02-30',
  'https://old.example/cb=2027-01-31',
  'ftp://old.example=2027-01-31',
  'https://me:secret@old.example=2027-01-31',
])('refuses an alias without an origin and a last day: %s', (PUBLIC_URL_ALIASES) => {
  expect(() => settings({ PUBLIC_URL_ALIASES })).toThrow('PUBLIC_URL_ALIASES must be origins, each with its last day');
  expect(() => settings({ PUBLIC_URL_ALIASES })).not.toThrow('secret');
});

describe('the proxies that are trusted', () => {
  const LOOPBACK = ['127.0.0.0/8', '::1/128'];
  const PUBLIC_URL = 'https://butler.example';
  it.each([
    ['are none without a proxy', {}, []],
    ['are those on this machine when a URL says that a proxy is in front', { PUBLIC_URL }, LOOPBACK],
    ['are none when this process ends TLS itself', { PUBLIC_URL, ...TLS }, []],
    ['are those that are named', { PUBLIC_URL, TRUSTED_PROXIES: '10.1.0.5/32, fd00::/64' }, ['10.1.0.5/32', 'fd00::/64']],
    ['are those that are named, whoever ends TLS', { ...TLS, TRUSTED_PROXIES: '10.1.0.5/32' }, ['10.1.0.5/32']],
  ])('%s', (_case, env, expected) => expect(settings(env).trustedProxies).toEqual(expected));

  it('are the same for the API', () => {
    expect(trustedProxies(undefined, { isProxied: true })).toEqual(LOOPBACK);
    expect(trustedProxies(undefined, { isProxied: false })).toEqual([]);
    expect(trustedProxies('10.1.0.5/32', { isProxied: false })).toEqual(['10.1.0.5/32']);
  });
});

it('takes certificate and key together, and as PEM', () => {
  expect(() => settings({ PUBLIC_TLS_CERT: TLS.PUBLIC_TLS_CERT })).toThrow('together');
  expect(() => settings({ ...TLS, PUBLIC_TLS_KEY: '/etc/key.pem' })).toThrow('PUBLIC_TLS_KEY must be a private key in PEM');
});

it('has a key for secrets, or says which it needs', () => {
  const made = Buffer.alloc(32, 1);
  const given = Buffer.alloc(32, 2);
  expect(secretsKeyOf(readConfig(FederationConfig, {}), made)).toBe(made);
  expect(secretsKeyOf(readConfig(FederationConfig, { SECRETS_KEY: given.toString('base64') }), made)).toEqual(given);
  expect(() => secretsKeyOf(readConfig(FederationConfig, {}))).toThrow('SECRETS_KEY must be set');
});

describe('targets of routing rules on loopback', () => {
  const PEERS = { FEDERATION_ALLOW_LOOPBACK_HTTP: 'true' };
  const of = (env: Record<string, string>, isStandalone: boolean) => {
    const config = readConfig(FederationConfig, env);
    const { allowLoopbackHttp, targets } = outboundRules(config, { isStandalone, own: [] });
    return [targets.allowLoopback, allowLoopbackHttp, outboundWarning(config, { isStandalone }) !== null];
  };

  it.each([
    ['are open in the standalone process, and peers are not', {}, true, [true, false, false]],
    ['are closed in a process of its own', {}, false, [false, false, false]],
    ['are open by their own setting, apart from peers', { ROUTE_ALLOW_LOOPBACK: 'true' }, false, [true, false, false]],
    ['are closed by it', { ROUTE_ALLOW_LOOPBACK: 'false' }, true, [false, false, false]],
    ['are closed by it though peers are open', { ...PEERS, ROUTE_ALLOW_LOOPBACK: 'false' }, false, [false, true, false]],
    ['are open by the setting of peers for one release, with a warning', PEERS, false, [true, true, true]],
    ['are open without a warning where nothing will change', PEERS, true, [true, true, false]],
  ])('%s', (_what, env, isStandalone, expected) => expect(of(env, isStandalone)).toEqual(expected));
});

it('finds where its servers are by their URLs', () => {
  expect(
    ownEndpoints(
      'nats://u:p@a:4222, nats://b',
      'postgres://u:p@[::1]/db',
      null,
      undefined,
      'redis://c',
      'https://d',
      'http://0.0.0.0:4600',
      'x',
    ),
  ).toEqual([
    { host: 'a', port: 4222 },
    { host: 'b', port: 4222 },
    { host: '::1', port: 5432 },
    { host: 'c', port: 6379 },
    { host: 'd', port: 443 },
    { host: '0.0.0.0', port: 4600 },
  ]);
});
