import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildProgram } from './program.js';
import { CliHarness } from './testing/ap.js';
import { asCalled } from './view/called.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const ROOT = join(import.meta.dirname, '../../..');
const program = buildProgram(
  '1.2.3',
  async () => {},
  () => {},
);
const within = (command: Command): Command[] => [command, ...command.commands.flatMap(within)];
const wordsOf = (command: Command): string[] => (command.parent === null ? [] : [...wordsOf(command.parent), command.name()]);
const commands = within(program).map((command) => wordsOf(command));

it('says its version', async () => expect(await cli.stranger(['--version'])).toMatchObject({ code: 0, out: '9.8.7\n', err: '' }));

it('has the commands it should have', () =>
  expect(commands.map((words) => words.join(' ')).filter((_, at) => within(program)[at]!.commands.length === 0)).toEqual([
    'auth login',
    'auth logout',
    'auth whoami',
    'auth token create',
    'auth token list',
    'auth token revoke',
    'auth token rotate',
    'auth token release',
    'profile list',
    'profile use',
    'profile remove',
    'infrastructure status',
    'infrastructure doctor',
    'infrastructure peers list',
    'infrastructure peers get',
    'infrastructure peers calls',
    'infrastructure peers test',
    'infrastructure peers retry',
    'infrastructure peers release',
    'infrastructure peers pin',
    'infrastructure peers add',
    'infrastructure peers edit',
    'infrastructure peers suspend',
    'infrastructure peers resume',
    'infrastructure peers remove',
    'infrastructure calls get',
    'infrastructure routes list',
    'infrastructure routes add',
    'infrastructure routes edit',
    'infrastructure routes move',
    'infrastructure routes test',
    'infrastructure routes remove',
    'infrastructure routes release',
    'infrastructure edge list',
    'infrastructure edge get',
    'infrastructure edge enroll',
    'infrastructure edge archive',
    'infrastructure edge unarchive',
    'infrastructure edge ping',
    'infrastructure edge revoke',
    'infrastructure edge release',
    'infrastructure services list',
    'infrastructure services get',
    'infrastructure events list',
    'infrastructure events get',
    'infrastructure projections list',
    'infrastructure projections parked',
    'infrastructure projections retry',
    'infrastructure projections rebuild',
    'infrastructure projections void',
  ]));

/** A spec names a command by its words, together (`'peers', 'list'`) or apart (`const PEERS = ['infra', 'peers']`). */
describe('every command is run by a spec', () => {
  const specs = globSync('{apps/cli/src,test/e2e}/**/*.spec.ts', { cwd: ROOT })
    .filter((file) => !file.endsWith('/cli/src/main.spec.ts'))
    .map((file) => readFileSync(join(ROOT, file), 'utf8'));
  const leaves = within(program)
    .filter((command) => command.commands.length === 0)
    .map((command) => wordsOf(command));

  it.each(leaves)('%s %s %s', (...words) => {
    const named = words.slice(-2).map((word) => new RegExp(`['"\`,[ ]${word}['"\`,\\] ]`));
    expect(specs.some((spec) => named.every((word) => word.test(spec)))).toBe(true);
  });
});

describe('help', () => {
  it.each(commands)('of %p %p %p has an example of it', async (...words) => {
    const { code, out, err } = await cli.stranger([...words, '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: ap/);
    const example = out.split(/^Examples?:$/m)[1]!;
    expect(example).toContain(
      `$ ap ${words.join(' ').replace(/^infrastructure/, example.includes('ap infra ') ? 'infra' : 'infrastructure')}`,
    );
  });

  it.each([[[]], [['infra']], [['infra', 'peers']], [['auth', 'token']]])('is what %p alone says', async (words) => {
    const { code, out, err } = await cli.stranger(words);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe((await cli.stranger([...words, '--help'])).out);
  });

  it('says once what <peer> and <agent> may be', async () => {
    for (const [group, words] of [
      ['peers', '<peer> is the id of a peer'],
      ['edge', '<agent> is the id of an edge agent'],
    ] as const)
      for (const more of [[], ['get']]) {
        const { out } = await cli.stranger(['infra', group, ...more, '--help']);
        expect(out.replaceAll(/\s+/g, ' ').split(words)).toHaveLength(2);
      }
  });

  it('tells the surroundings and the exit codes', async () => {
    const { out } = await cli.stranger(['--help']);
    for (const word of ['AP_URL', 'AP_TOKEN', 'AP_PROFILE', 'NO_COLOR', '10 degraded', '--no-input', '--insecure'])
      expect(out).toContain(word);
  });
});

describe('usage', () => {
  it.each([
    [['infra', 'peer'], "unknown command 'peer' (Did you mean peers?)", 'ap infrastructure'],
    [['infra', 'peers', 'get'], "missing required argument 'peer'", 'ap infrastructure peers get'],
    [['infra', 'peers', 'get', 'a', 'b'], "too many arguments for 'get'. Expected 1 argument but got 2", 'ap infrastructure peers get'],
    [
      ['infra', 'peers', 'list', '--limit', '0'],
      "option '--limit <rows>' argument '0' is invalid. Give a number from 1 to 10000",
      'ap infrastructure peers list',
    ],
    [
      ['infra', 'peers', 'list', '--limit', '1e3'],
      "option '--limit <rows>' argument '1e3' is invalid. Give a number from 1 to 10000",
      'ap infrastructure peers list',
    ],
    [
      ['infra', 'status', '--timeout', 'soon'],
      "option '--timeout <duration>' argument 'soon' is invalid. Give a duration from 1ms to 10m, as in 500ms, 10s, 2m",
      'ap infrastructure status',
    ],
    [
      ['infra', 'status', '--timeout', '11m'],
      "option '--timeout <duration>' argument '11m' is invalid. Give a duration from 1ms to 10m, as in 500ms, 10s, 2m",
      'ap infrastructure status',
    ],
    [
      ['infra', 'status', '-o', 'yaml'],
      "option '-o, --output <format>' argument 'yaml' is invalid. Allowed choices are table, json",
      'ap infrastructure status',
    ],
    [
      ['infra', 'edge', 'enroll', '--wait', 'long'],
      "option '--wait [duration]' argument 'long' is invalid. Give a duration from 1ms to 1d, as in 90s, 5m",
      'ap infrastructure edge enroll',
    ],
    [
      ['infra', 'routes', 'add', '--direction', 'out', '--action', 'shrug'],
      "option '--action <action>' argument 'shrug' is invalid. Allowed choices are allow, deny, route",
      'ap infrastructure routes add',
    ],
    [['infra', 'routes', 'test', '--direction', 'in'], "required option '--peer <peer>' not specified", 'ap infrastructure routes test'],
    [['auth', 'login', '--password=hunter2'], "unknown option '--password'", 'ap auth login'],
    [
      ['auth', 'token', 'create', 'x', '--expires-in-days', '0'],
      "option '--expires-in-days <days>' argument '0' is invalid. Give a number from 1 to 3650, or never",
      'ap auth token create',
    ],
  ])('%p', async (argv, sentence, command) => {
    expect(await cli.stranger(argv)).toMatchObject({
      code: 2,
      out: '',
      err: `ap: ${sentence} (cli.usage)\nnext: see what it takes: ${command} --help\n`,
    });
  });

  it.each([['-o', 'json'], ['-ojson'], ['--output=json'], ['--output', 'json']])('is a problem document with %p %p', async (...flags) => {
    const { code, out, err } = await cli.stranger(['infra', 'peers', 'get', ...flags]);
    expect([code, out]).toEqual([2, '']);
    expect(JSON.parse(err)).toEqual({
      type: 'urn:problem:cli.usage',
      title: 'Not understood',
      code: 'cli.usage',
      detail: "missing required argument 'peer'",
      next: 'see what it takes: ap infrastructure peers get --help',
    });
  });
});

it.each([
  [['-o', 'json', 'infra', 'peers', 'list']],
  [['infra', '-o', 'json', 'peers', 'list']],
  [['infrastructure', 'peers', '-o', 'json', 'list']],
  [['infra', 'peers', 'list', '-o', 'json']],
  [['-o', 'table', 'infra', 'peers', 'list', '-o', 'json']],
])('global options stand anywhere: %p', async (argv) => {
  expect(JSON.parse((await cli.ap(argv)).out)).toMatchObject({ schema: 'ap.infra.peers.list/v1' });
});

describe('whoever came by npx or npm', () => {
  const env = { npm_command: 'exec' };

  it('is told commands that work there, by hints, errors and help', async () => {
    cli.api.peers.length = 0;
    expect((await cli.ap(['infra', 'peers', 'list'], { env })).err).toContain(
      'Add one: npx --no-install ap infrastructure peers add --help\n',
    );
    expect((await cli.stranger(['infra', 'status'], { env })).err).toContain('next: log in: npx --no-install ap auth login\n');
    expect(JSON.parse((await cli.stranger(['infra', 'status', '-o', 'json'], { env })).err).next).toBe(
      'log in: npx --no-install ap auth login',
    );
    expect((await cli.stranger(['auth', 'login', '--help'], { env })).out).toContain(
      '$ npm run --silent login | npx --no-install ap auth login\n',
    );
  });

  it('is told what already says so as it is', () =>
    expect(asCalled('Get one: npx --no-install ap infra edge enroll; the ap of npm', env)).toBe(
      'Get one: npx --no-install ap infra edge enroll; the ap of npm',
    ));
});

it('tells a fault of its own as one, without a stack', async () => {
  cli.api.components = null as never; // A server that answers half of what it should.
  cli.api.behaviour = (response) => response.end('{"as_of":"2026-11-22T10:03:12.000Z","data":{"problems":[]}}');
  const { code, out, err } = await cli.ap(['infra', 'status']);
  expect([code, out.includes('at ')]).toEqual([1, false]);
  expect(err).toMatch(/^ap: ap itself failed: .+ \(cli\.bug\)\nnext: please report it/);
  expect(err).not.toContain('.js:');
});
