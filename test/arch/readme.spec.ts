import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as config from '@app/config';
import { DEFAULT_SIZES, EventStore, setUpEventStore } from '@app/event-store';
import { MemoryMarks } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { type TestNats, startTestNats } from '@app/runtime/testing';
import { PeerRegistered } from '../../libs/federation/src/events/index.js';
import { KNOWN } from '../../libs/runtime/src/programs/program.js';
import { files, root } from '../contexts.js';

const text = (file: string): string => readFileSync(join(root, file), 'utf8');

/** A person is not told of these: the system sets them for itself, or every system has them. */
const NOT_FOR_PEOPLE = ['PATH', 'HOME', 'TERM', 'AP_REEXECUTED', 'CLAWBUTLER_FETCH_SERVERS'];

/** README's table of the environment: variable and default. */
const told = new Map(
  [...text('README.md').matchAll(/^\| `([A-Z][A-Z0-9_]+)`\s*\|([^|]*)\|/gm)].map(([, name, value = '']) => [
    name,
    value.replaceAll('`', '').trim(),
  ]),
);

type Config = new () => object;
const classes = Object.values(config).filter(
  (item): item is Config => typeof item === 'function' && config.variablesOf(item as Config).length > 0,
);
const ofConfig = new Map(
  classes.flatMap((shape) => {
    const defaults = new shape() as Record<string, string | number | undefined>;
    return config.variablesOf(shape).map((name): [string, string] => [name, String(defaults[name] ?? '')]);
  }),
);

/** Read past the configuration: by the tools, the command line, and whoever looks for a server program. */
const READ = /\benv(?:\[['"]|\.)([A-Z][A-Z0-9_]+)\b/g;
const production = files('{libs,apps}/*/{src,bin}/**/*.{ts,tsx,mjs}').filter((file) => !/\.spec\.tsx?$|\/testing\//.test(file));
const elsewhere = [...production, ...files('tools/**/*.mjs')].flatMap((file) =>
  [...text(file).matchAll(READ)].map(([, name = '']) => name),
);
const ofPrograms = Object.values(KNOWN).map(({ env }) => env);

describe('the environment in README.md', () => {
  it('is found, and so is what reads it', () => {
    expect(told.size).toBeGreaterThan(10);
    expect(classes.map(({ name }) => name)).toEqual(expect.arrayContaining(['ServersConfig', 'ApiConfig', 'StandaloneConfig']));
    expect(elsewhere).toContain('RUN_SERVERS_AS');
  });

  it('names every variable that is read, and no other', () => {
    const read = new Set([...ofConfig.keys(), ...elsewhere, ...ofPrograms].filter((name) => !NOT_FOR_PEOPLE.includes(name)));
    expect(new Set(told.keys())).toEqual(read);
  });

  it.each([...ofConfig])('%s has the default it says: %j', (name, value) => expect(told.get(name)).toBe(value));
});

it('the demo tells of events by the types that they are stored and shown with', () => {
  const told = [...text('test/demo/main.mjs').matchAll(/\b(?:federation|edge|services)\.[a-z-]+\.[a-z-]+/g)].map(([type]) => type);
  expect(told.length).toBeGreaterThan(3);
  expect(told.filter((type) => !existsSync(join(root, `test/golden/events/${type}@1.json`)))).toEqual([]);
});

/** What is told of the repository can be looked up in it. */
describe.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...files('docs/*.md'), ...files('docs/decisions/*.md')])('%s', (file) => {
  const source = text(file);
  const missing = (paths: Iterable<string>): string[] => [...paths].filter((path) => !existsSync(join(root, path)));

  it('names paths that are there', () => {
    const paths = [...source.matchAll(/`((?:libs|apps|test|tools|docs|\.ci)\/[\w./-]*\w)`/g)].map(([, path = '']) => path);
    expect(missing(paths)).toEqual([]);
  });

  it('links to files that are there', () => {
    const links = [...source.matchAll(/(?:\]\(|(?:src|srcset)=")(?!https?:|#)([^)"#]+)/g)].map(([, link = '']) =>
      join(dirname(file), link),
    );
    expect(missing(links)).toEqual([]);
  });

  it('names scripts that npm has', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    const named = [...source.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('the example of a consumer in README.md', () => {
  const dir = mkdtempSync(join(tmpdir(), 'readme-'));
  let nats: TestNats;
  afterAll(async () => {
    await nats?.stop();
    rmSync(dir, { recursive: true });
  });

  it('prints what became of peers, as the user for other services', async () => {
    nats = await startTestNats({ users: true });
    const marks = new MemoryMarks();
    await setUpEventStore({ ...nats.users.admin, name: 'test' }, DEFAULT_SIZES, marks);
    const store = await EventStore.open({ ...nats.users.app, name: 'test' }, [PeerRegistered], DEFAULT_SIZES, marks);
    const registered = newEvent(PeerRegistered, PeerRegistered.example);
    const at = '2026-11-23T01:17:55.193Z' as const;
    const context = { commandId: '5668e290-9eb2-5dfd-a901-43391446302e', actor: 'token:test', at };
    await store.appender.append({ ...context, events: [registered], expected: new Map([[registered.subject, 0]]) });
    await store.close();

    const example = /```js\n(\/\/ consume\.mjs: .*?)```/s.exec(text('README.md'))?.[1] ?? '';
    const file = join(dir, 'reader.json');
    writeFileSync(file, JSON.stringify(nats.users.reader));
    expect(await firstLineOf(example, file, '0')).toBe(`1 ${at} ${registered.data.label} is new, at ${registered.data.url}`);
  });
});

const LINE_MS = 15_000;

/** Runs a script in the repository, until it has printed a line. Rejects with its complaint when it ends before, or takes LINE_MS. */
async function firstLineOf(script: string, ...args: string[]): Promise<string> {
  const running = spawn(process.execPath, ['--input-type=module', '-', ...args], { cwd: root, timeout: LINE_MS });
  running.stdin.end(script);
  let complaint = '';
  running.stderr.setEncoding('utf8').on('data', (chunk: string) => (complaint += chunk));
  try {
    return await new Promise((resolve, reject) => {
      let printed = '';
      running.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk;
        if (printed.includes('\n')) resolve(printed.split('\n')[0] ?? '');
      });
      running.once('error', reject);
      running.once('close', () => reject(new Error(`it ended without a line: ${complaint}`)));
    });
  } finally {
    running.kill('SIGKILL');
  }
}
