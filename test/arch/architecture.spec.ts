import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { getMetadataStorage } from 'class-validator';
import { type Context, allContexts, files, inContexts, contextOf, root } from '../contexts.js';

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const pascal = (words: string): string => words.replaceAll(/(?:^|[-.])(\w)/g, (_, letter: string) => letter.toUpperCase());
const contexts: Context[] = await allContexts();
const contextNames = new Set(contexts.map(({ name }) => name));
const resourcesOf = (name: string): readonly string[] => contexts.find((context) => context.name === name)?.resources ?? [];

/** `<room>.<stream>.<verb>`; words within a part are joined by hyphens. */
const TYPE = /^[a-z][a-z0-9]*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*){2}$/;
/** An event's class is named by what happened to what; its room is where it stands. */
const classOf = (type: string): string => pascal(type.slice(type.indexOf('.') + 1));

it.each([
  ['services.health.probed', 'HealthProbed'],
  ['federation.peer.status-changed', 'PeerStatusChanged'],
])('%s is told by %s', (type, name) => {
  expect(type).toMatch(TYPE);
  expect(classOf(type)).toBe(name);
});

it('finds the contexts', () => expect(contexts.map(({ name }) => name)).toEqual(expect.arrayContaining(['federation'])));

/** One word, many places: a line of code must be able to tell its context from its own file. */
describe('every thing stands in the context it names', () => {
  it.each(inContexts('events/*.event.ts'))('%s', (file) => {
    const source = text(file);
    const type = /static readonly type = '([^']+)'/.exec(source)?.[1] ?? '';
    expect(type).toMatch(TYPE);
    const [context, stream, verb] = type.split('.');
    expect(context).toBe(contextOf(file));
    expect(basename(file)).toBe(`${stream}-${verb}.event.ts`);
    expect(source).toMatch(new RegExp(` \\*/\n@DomainEvent\nexport class ${classOf(type)} (extends \\w+ )?\\{`)); // Its prose stands directly above it.
    expect(text(`${dirname(file)}/index.ts`)).toContain(`./${basename(file, '.ts')}.js`);
  });

  it.each(inContexts('read/*/*.projection.ts'))('%s is named by its slice', (file) => {
    const table = /table: '([^']+)'/.exec(text(file))?.[1];
    expect(table).toBe(basename(dirname(file)).replaceAll('-', '_'));
  });

  it.each(inContexts('read/*/*.rollup.ts'))('%s is named by its file', (file) => {
    const table = /table: '([^']+)'/.exec(text(file))?.[1];
    expect(table).toBe(basename(file, '.rollup.ts').replaceAll('-', '_'));
  });

  it.each(files('libs/*/src/**/*.{projection,rollup}.ts'))('%s is at the endpoint of its context', async (file) => {
    const folds = Object.values((await import(join(root, file))) as object).filter((item) => typeof item === 'object' && 'apply' in item);
    const app = contexts.find(({ name }) => name === contextOf(file))?.projections ?? [];
    expect(folds.length).toBeGreaterThan(0);
    expect(app).toEqual(expect.arrayContaining(folds));
  });

  it.each(inContexts('{read,write}/*/*.controller.ts'))('%s is under a resource of its context', (file) => {
    const path = /@Controller\('([^']+)'\)/.exec(text(file))?.[1] ?? '';
    expect(resourcesOf(contextOf(file))).toContain(path.split('/')[0]);
  });

  it.each(contexts.flatMap(({ name, refusals }) => Object.keys(refusals).map((code) => [code, name])))('%s is a no of %s', (code, name) => {
    expect(code).toMatch(/^[a-z]+\.[a-z]+(-[a-z]+)*$/);
    expect(code.split('.')[0]).toBe(name);
  });

  it.each([...new Set(inContexts('{read,write,react}/*/*.ts').map(dirname))])('%s has its test beside it', (slice) => {
    expect(files(`${slice}/*.spec.ts`)).not.toEqual([]);
  });
});

it.each<[string, (context: Context) => readonly string[]]>([
  ['resource', ({ resources }) => resources],
  ['table', ({ projections }) => projections.map(({ table }) => table)],
  ['type of event', ({ events }) => events.map(({ type }) => type)],
])('no two contexts declare the same %s', (_what, of) => {
  const declared = contexts.flatMap(of);
  expect(declared).toEqual([...new Set(declared)]);
});

const streamOfType = (type: string): string => type.slice(0, type.lastIndexOf('.'));

/** The compiler asks each fold of `streamOf` for a new event. A projection has no catalogue to complete: this asks it instead. */
describe('a read model says of each event of its streams whether it reads or ignores it', () => {
  const events = contexts.flatMap((context) => context.events);
  const folds = contexts.flatMap(({ projections }) => projections.map((fold) => [fold.table, fold] as const));

  it.each(folds)('%s', (_table, { reads, ignores = [] }) => {
    const streams = new Set(reads.map(({ type }) => streamOfType(type)));
    const asked = events.filter(({ type }) => streams.has(streamOfType(type))).map(({ type }) => type);
    expect([...reads, ...ignores].map(({ type }) => type).sort()).toEqual(asked.sort());
  });
});

/** What a rule would ask is an earlier fact or a field of the command. Only so does a log fold to the same state for ever. */
describe('what decides or folds asks no clock, no chance and no environment', () => {
  const ASKS = /Date\.now\(|new Date\(\)|performance\.now|Math\.random|process\.|from 'node:/;

  it.each(files('libs/*/src/**/*.{event,stream,decide,projection,rollup}.ts'))('%s', (file) => {
    expect(ASKS.exec(text(file))).toBeNull();
  });
});

/**
 * A `switch` over the types of facts has a `default`, and hence passes over the fact that is added next, which may be the one that
 * forbids. A fold by `streamOf(...).folds` does not compile until it says what each fact means.
 */
describe('what follows facts folds them by a table that the compiler completes', () => {
  const types = contexts.flatMap(({ events }) => events.map(({ type }) => type));
  const literal = new RegExp(`'(${types.map((type) => type.replaceAll('.', '\\.')).join('|')})'`);
  const server = files('libs/*/src/**/*.ts').concat(files('apps/{api,edge,federation,prober,projector,setup,standalone}/src/**/*.ts'));
  const sources = server.filter((file) => !file.endsWith('.spec.ts'));
  const isAllowed = (line: string): boolean => /static readonly type = '/.test(line) || /(^\s*|[{,] )'[a-z.-]+': /.test(line);

  it.each(sources.filter((file) => literal.test(text(file))))('%s names the type of an event only as a key of a fold', (file) => {
    expect(
      text(file)
        .split('\n')
        .filter((line) => literal.test(line) && !isAllowed(line)),
    ).toEqual([]);
  });

  it.each(
    sources.filter(
      (file) =>
        /\b(EventSubscription|StoredEvent|Recorded)\b/.test(text(file)) && file.startsWith('libs/') && contextNames.has(contextOf(file)),
    ),
  )('%s does not branch on the type of a fact', (file) => {
    expect(/switch \((\w+\.)?type\)|\btype (===|!==) |\btype\.startsWith\(|(===|!==) \w+\.type\b/.exec(text(file))).toBeNull();
  });
});

/** A limit that asks the socket counts all clients of a proxy as one. */
describe('the address of a client comes from `addressOf` alone', () => {
  const server = files('libs/*/src/**/*.ts').concat(files('apps/{api,edge,federation,standalone}/src/**/*.ts'));
  const allowed = ['libs/http/src/client-address.ts', 'libs/http/src/connection-bound.ts'];
  const ASKS = /\bremoteAddress\b|@Ip\(\)|\b(?:request|req)\.ips?\b|'x-forwarded-for'/;

  it.each(server.filter((file) => !file.endsWith('.spec.ts') && !allowed.includes(file)))('%s', (file) => {
    expect(ASKS.exec(text(file))).toBeNull();
  });
});

/** A field has one spelling, in the class as in JSON and in PostgreSQL: so nothing maps, and no query needs an alias. */
describe('what crosses a wire is in snake_case', () => {
  it.each(files('libs/*/src/**/*.{event,command,view}.ts'))('%s', async (file) => {
    const shapes = Object.values((await import(join(root, file))) as object).filter((item) => typeof item === 'function');
    const rules = shapes.flatMap((shape) => getMetadataStorage().getTargetValidationMetadatas(shape, '', true, false));
    expect(rules).not.toEqual([]);
    for (const { propertyName } of rules) expect(propertyName).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
  });
});

/** A parameter decorator does not know the type of its parameter, so the compiler takes any; the value is a `CommandKey`. */
it('every controller takes the key of its command as what it is', () => {
  const typed = files('{libs,apps}/*/src/**/*.controller.ts').flatMap((file) =>
    [...text(file).matchAll(/@CommandId\(\) \w+: (\w+)/g)].map(([, type]) => ({ file, type })),
  );
  expect(typed.length).toBeGreaterThan(10);
  expect(typed.filter(({ type }) => type !== 'CommandKey')).toEqual([]);
});
