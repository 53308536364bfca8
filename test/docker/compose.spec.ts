import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as config from '@app/config';
import { APPS, DOCKER, ROOT, type Service, processesOf, readCompose, readEnv, textOf, variablesIn } from './compose.js';

const FILES = ['compose.yaml', 'compose.cluster.yaml'] as const;
const example = readEnv('.env.example');
const composes = FILES.map((file) => [file, readCompose(file, example)] as const);
const apps = readdirSync(join(ROOT, 'apps')).filter((app) => existsSync(join(ROOT, `apps/${app}/src/main.ts`)));
/** Programs that end, for people and for the build; no container runs them by APP. */
const NOT_PROCESSES = ['cli', 'dashboard', 'docs'];

type Shape = new () => object;

/** What a process reads of its environment, by its own words: the classes it gives to `readConfig`. */
function variablesOf(app: string): Set<string> {
  const dir = join(ROOT, `apps/${app}/src`);
  const sources = readdirSync(dir).filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
  const named = sources.flatMap((file) =>
    [...readFileSync(join(dir, file), 'utf8').matchAll(/readConfig\((\w+)\)/g)].map(([, name]) => name),
  );
  const shapes = Object.entries(config).flatMap(([name, shape]) => (named.includes(name) ? [shape as Shape] : []));
  return new Set(shapes.flatMap((shape) => config.variablesOf(shape)));
}

const plain = (name: string): string => name.replace(/_FILE$/, '');
const networksOf = ({ networks }: Service): string[] => (Array.isArray(networks) ? (networks as string[]) : Object.keys(networks));
const seconds = (time: string | undefined): number => Number(/^(\d+)s$/.exec(time ?? '')?.[1]);

it('APP knows every process there is, and no other', () => {
  expect(new Set(Object.keys(APPS))).toEqual(new Set([...apps.filter((app) => !NOT_PROCESSES.includes(app))]));
});

describe.each(composes)('%s', (file, compose) => {
  const processes = processesOf(compose);

  it('runs every process that a system is made of, each once', () => {
    const wanted = Object.keys(APPS).filter((app) => !['standalone', 'edge-agent'].includes(app));
    expect(processes).toHaveLength(wanted.length);
    expect(new Set(processes.map(([, { environment }]) => environment?.['APP']))).toEqual(new Set(wanted));
  });

  it.each(processes)('gives %s only variables that it reads', (_name, { environment = {} }) => {
    const { APP, ...variables } = environment;
    const read = variablesOf(String(APP));
    expect(read).toContain('DATABASE_URL');
    expect(
      Object.keys(variables)
        .map(plain)
        .filter((name) => !read.has(name)),
    ).toEqual([]);
  });

  it.each(processes)('gives %s values that are as they must be', (_name, { environment = {} }) => {
    const values = Object.fromEntries(
      Object.entries(environment).flatMap(([name, value]) => (name.endsWith('_FILE') ? [] : [[name, String(value)]])),
    );
    const read = variablesOf(String(environment['APP']));
    const shapes: Shape[] = [config.ServersConfig, config.ApiConfig, config.FederationConfig, config.ProberConfig, config.PublicConfig];
    for (const shape of shapes) if (config.variablesOf(shape).some((name) => read.has(name))) config.readConfig(shape, values);
    if (read.has('PUBLIC_URL'))
      expect(config.publicSettings(config.readConfig(config.PublicConfig, values)).publicUrl).toBe(example['PUBLIC_URL']);
  });

  it.each(Object.entries(compose.services))('gives %s the secrets that its files name, and those only', (_name, service) => {
    const named = Object.entries(service.environment ?? {}).flatMap(([name, value]) => (name.endsWith('_FILE') ? [String(value)] : []));
    const included = (service.configs ?? []).flatMap(({ source }) =>
      [...textOf(compose.configs[source]!.file).matchAll(/^include \S*(\/run\/secrets\/\S+)$/gm)].map(([, path = '']) => path),
    );
    expect(new Set((service.secrets ?? []).map((secret) => `/run/secrets/${secret}`))).toEqual(new Set([...named, ...included]));
    expect((service.secrets ?? []).filter((secret) => !(secret in compose.secrets))).toEqual([]);
    expect(
      Object.entries(service.environment ?? {}).filter(
        ([name, value]) => /PASSWORD|KEY|SECRET/.test(name) && !String(value).startsWith('/run/secrets/'),
      ),
    ).toEqual([]);
  });

  it('names files, networks and volumes that are there', () => {
    const services = Object.values(compose.services);
    for (const { configs = [], volumes = [], build } of services) {
      for (const { source } of configs) expect(existsSync(join(DOCKER, compose.configs[source]?.file ?? '-'))).toBe(true);
      for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      if (build !== undefined) expect(existsSync(join(DOCKER, build.context, build.dockerfile))).toBe(true);
    }
    expect(new Set(services.flatMap(networksOf))).toEqual(new Set(Object.keys(compose.networks)));
    expect(new Set(services.flatMap(({ secrets = [] }) => secrets))).toEqual(new Set(Object.keys(compose.secrets)));
    expect(new Set(services.flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0])))).toEqual(
      new Set(Object.keys(compose.volumes)),
    );
  });

  it('publishes ports of processes on loopback, and none of a server', () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port] as const));
    expect(published.map(([name]) => name).sort()).toEqual(['api', 'edge', 'federation']);
    expect(published.filter(([, port]) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
    expect(new Set(published.map(([, port]) => port.split(':')[1])).size).toBe(3);
    for (const [name, service] of Object.entries(compose.services)) {
      if (service.environment?.['APP'] === undefined) expect([name, networksOf(service)]).toEqual([name, ['servers']]);
    }
    expect(compose.networks['servers']?.internal).toBe(true);
  });

  it.each(processes)('%s reaches the servers, starts after the set-up, hears SIGTERM and has time to drain', (name, service) => {
    expect(networksOf(service)).toEqual(['servers', 'outside']);
    expect(service).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      tmpfs: ['/tmp'],
      restart: name === 'setup' ? 'no' : 'unless-stopped',
    });
    const drainMs = Number(
      /DRAIN_MS = ([\d_]+)/.exec(readFileSync(join(ROOT, 'libs/process/src/drain.ts'), 'utf8'))?.[1]?.replace('_', ''),
    );
    expect(seconds(service.stop_grace_period) * 1_000).toBeGreaterThan(drainMs);
    const order = service.depends_on ?? {};
    expect(Object.keys(order).filter((other) => !(other in compose.services))).toEqual([]);
    if (name !== 'setup') expect(order['setup']).toEqual({ condition: 'service_completed_successfully' });
    const needed = Object.keys(compose.services).filter((other) => /^(nats|postgres)/.test(other));
    for (const server of needed) expect([server, order[server]]).toEqual([server, { condition: 'service_healthy' }]);
  });

  it('asks every server whether it is well, and starts it again', () => {
    for (const [name, { environment, healthcheck, restart }] of Object.entries(compose.services)) {
      if (environment?.['APP'] !== undefined) continue;
      expect([name, healthcheck?.test[0], restart]).toEqual([name, expect.stringMatching(/^CMD(-SHELL)?$/), 'unless-stopped']);
    }
  });

  it('says what is to be done when PUBLIC_URL is missing', () => {
    expect(() => readCompose(file, { ...example, PUBLIC_URL: '' })).toThrow(/PUBLIC_URL is missing a value: Set it in docker\/\.env/);
  });
});

it('the two systems differ in their servers only', () => {
  const [one, three] = composes.map(([, compose]) => Object.fromEntries(processesOf(compose)));
  for (const [name, { environment, depends_on: _order, ...rest }] of Object.entries(one!)) {
    const { environment: of, depends_on: _other, ...same } = three![name]!;
    expect([name, same, of]).toEqual([name, rest, { ...environment, NATS_REPLICAS: 3 }]);
  }
});

it('PostgreSQL has room for the connections of all processes', () => {
  const [, compose] = composes[0]!;
  const context = Number(/max_connections=(\d+)/.exec(compose.services['postgres']!.command!.join(' '))?.[1]);
  expect(context).toBeGreaterThan(processesOf(compose).length * 25);
});

describe('.env.example', () => {
  const asked = new Set([...FILES, 'services.yaml'].flatMap((file) => [...variablesIn(file)]));

  it('has every variable that the files ask for, and no other', () => {
    expect(new Set(Object.keys(example))).toEqual(asked);
  });

  it('explains each, and sets none but the required and the ports', () => {
    for (const [block] of textOf('.env.example').matchAll(/^(?:.+\n)+/gm)) expect(block).toMatch(/^# /);
    const set = Object.keys(example).filter((name) => example[name] !== '');
    expect(set).toEqual(['PUBLIC_URL', 'API_PUBLISH', 'FEDERATION_PUBLISH', 'EDGE_PUBLISH']);
  });
});

it('secrets and the env file never come into the repository', () => {
  expect(textOf('.gitignore').split('\n')).toEqual(expect.arrayContaining(['.env', 'secrets/', 'secrets.new/']));
});
