import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FactoryProvider } from '@nestjs/common';
import { contexts } from '@app/contexts';
import { ApiModule } from '../../apps/api/src/api.module.js';
import { sections } from '../../apps/api/src/live/sections.js';
import { JobScheduler } from '../../apps/api/src/job-scheduler.js';
import { files, contextOf, root } from '../contexts.js';

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
type Item = new (...args: never[]) => object;

/** What a context registers, each part empty where it has none. */
interface Registered {
  readonly controllers: readonly unknown[];
  readonly providers: readonly unknown[];
  readonly publicProviders: readonly unknown[];
  readonly endpoints: readonly unknown[];
  readonly jobs: readonly unknown[];
  readonly entities: readonly unknown[];
  readonly migrations: readonly unknown[];
  readonly projections: readonly { readonly table: string }[];
}
const NONE: Registered = {
  controllers: [],
  providers: [],
  publicProviders: [],
  endpoints: [],
  jobs: [],
  entities: [],
  migrations: [],
  projections: [],
};
const registered = new Map(Object.entries(contexts).map(([name, context]) => [name, { ...NONE, ...context } as Registered]));
const registeredOf = (file: string): Registered => registered.get(contextOf(file)) ?? NONE;

/** The classes that a file exports, other than those that others extend: a port has no registration of its own. */
const classesOf = async (file: string): Promise<Item[]> =>
  Object.values((await import(join(root, file))) as object).filter(
    (item): item is Item =>
      typeof item === 'function' && /^class /.test(Function.prototype.toString.call(item)) && !isAbstract(file, item.name),
  );
const isAbstract = (file: string, name: string): boolean => text(file).includes(`abstract class ${name} `);

/** Each provider of a list: the class, or what stands in its place. */
const providedBy = (list: readonly unknown[]): unknown[] =>
  list.flatMap((one) => {
    const { provide, useClass } = one as { provide?: unknown; useClass?: unknown };
    return [one, provide, useClass];
  });

const CONTEXTS = `libs/{${[...registered.keys()].join(',')}}/src`;

it('every context stands in the list of contexts', () => {
  expect(files('libs/*/src/context.ts').map(contextOf).sort()).toEqual([...registered.keys()].sort());
});

/** What is registered nowhere does not exist: it compiles, its own tests pass, and no process has it. */
describe('what a context has stands in its context.ts', () => {
  const isController = (one: Item): boolean => Reflect.hasMetadata('path', one);
  const isProvider = (one: Item): boolean => Reflect.hasMetadata('__injectable__', one);
  const provided = ({ providers, publicProviders, jobs, endpoints }: Registered): unknown[] =>
    providedBy([...providers, ...publicProviders, ...jobs, ...endpoints]);

  type RegistrationRule = readonly [suffix: string, of: (context: Registered) => readonly unknown[], isOne: (one: Item) => boolean];
  const RULES: readonly RegistrationRule[] = [
    ['controller', ({ controllers }) => controllers, isController],
    ['entity', ({ entities }) => entities, () => true],
    ['migration', ({ migrations }) => migrations, () => true],
    ['provider', provided, isProvider],
    ['job', provided, isProvider],
    ['endpoint', provided, isProvider],
    ['endpoint', ({ endpoints }) => endpoints, isProvider],
    ['job', ({ jobs, publicProviders }) => [...jobs, ...publicProviders], isProvider],
    ['adapter', provided, isProvider],
  ];
  it.each(RULES.flatMap(([suffix, ...rule]) => files(`${CONTEXTS}/**/*.${suffix}.ts`).map((file) => [file, suffix, ...rule] as const)))(
    '%s: each %s',
    async (file, suffix, of, isOne) => {
      const classes = (await classesOf(file)).filter(isOne);
      if (suffix === 'controller') expect(classes).not.toEqual([]);
      expect(classes.filter((one) => !of(registeredOf(file)).includes(one)).map(({ name }) => name)).toEqual([]);
    },
  );

  const withText = (words: RegExp): string[] =>
    files(`${CONTEXTS}/**/*.{provider,endpoint,job}.ts`).filter((file) => words.test(text(file)));

  it.each(withText(/implements PublicEndpoint\b/))('%s is among the endpoints', async (file) => {
    const { endpoints } = registeredOf(file);
    expect((await classesOf(file)).some((one) => endpoints.includes(one))).toBe(true);
  });

  it.each(withText(/^ {2}readonly intervalMs\b/m))('%s is among the jobs', async (file) => {
    const { jobs } = registeredOf(file);
    expect((await classesOf(file)).some((one) => jobs.includes(one))).toBe(true);
  });

  it.each(files(`${CONTEXTS}/**/*.decide.ts`))('%s is asked by something that runs', (file) => {
    const name = file.slice(file.lastIndexOf('/') + 1, -'.ts'.length);
    const users = files(`libs/${contextOf(file)}/src/**/*.ts`).filter(
      (one) => !one.endsWith('.spec.ts') && text(one).includes(`/${name}.js'`),
    );
    expect(users).not.toEqual([]);
  });

  const probes = files('libs/services/src/**/*.ts').flatMap((file) =>
    [...text(file).matchAll(/export class (\w+) implements Probe\b/g)].map(([, name]) => name),
  );

  it.each(files('libs/services/src/**/*.ts').filter((file) => / implements Probe\b/.test(text(file))))(
    '%s has its spec beside it',
    (file) => {
      expect(files(file.replace(/\.ts$/, '*.spec.ts'))).not.toEqual([]);
    },
  );

  it.each(probes)('%s is used where the components are assembled', (name) => {
    const assembly = ['adapters/assembly.adapter.ts', 'runtime/prober.ts'].map((file) => text(`libs/services/src/${file}`)).join();
    expect(assembly).toContain(`new ${name}(`);
  });
});

describe('what contexts register is taken by a process', () => {
  const nothing = { onChange: () => () => undefined, over: () => [], start: () => undefined, stop: async () => undefined };
  const plumbing = { store: { commandsOfRequests: () => nothing }, pool: {}, privateStore: {}, progress: nothing, reads: {}, log: {} };
  const settings = { secretsKey: new Uint8Array(32), federation: {}, access: {}, public: {} };
  const module = ApiModule.with(plumbing as never, settings as never, nothing as never);

  it.each([...registered])('the API has the controllers of %s', (_name, { controllers }) => {
    expect(module.controllers).toEqual(expect.arrayContaining([...controllers]));
  });

  it.each([...registered])('the API runs the jobs of %s', (_name, { jobs }) => {
    const scheduler = module.providers?.find((one) => typeof one === 'object' && one.provide === JobScheduler) as FactoryProvider;
    expect(scheduler.inject).toEqual(expect.arrayContaining([...jobs]));
  });

  it.each([...registered].filter(([, { endpoints }]) => endpoints.length > 0).map(([name]) => name))(
    'a listener in public has the endpoints of %s',
    (name) => {
      for (const start of ['apps/standalone/src/standalone.ts', `apps/${name}/src/main.ts`])
        expect(text(start)).toContain(`${name}.endpoints`);
    },
  );
});

describe('what the page shows', () => {
  /** Tables without a live section, and why. */
  const ASKED_FOR: Readonly<Record<string, string>> = {
    agent_tunnels: 'the page does not show it: the CLI asks for the tunnels of one agent',
    call_log: 'the page asks for it every few seconds while somebody looks at the calls of a peer',
    component_minute: 'the page reads the bars with their component, which changes at each probe',
    route_directory: 'the page asks for it every few seconds: rules change by hand, and seldom',
    call_callers: 'names that do not change; the page asks for calls, which carry them',
    token_directory: 'the page does not show it: the CLI asks for tokens',
  };
  const live = sections({ over: () => [] } as never).flatMap(({ models }) => models.map(({ table }) => table));
  const tables = [...registered.values()].flatMap(({ projections }) => projections.map(({ table }) => table));

  it.each(tables)('%s has a live section, or a reason to have none', (table) => {
    expect([live.includes(table), table in ASKED_FOR].filter(Boolean)).toHaveLength(1);
  });

  it('has no live section, and no reason, for a table that is not there', () => {
    expect([...live, ...Object.keys(ASKED_FOR)].filter((table) => !tables.includes(table))).toEqual([]);
  });
});
