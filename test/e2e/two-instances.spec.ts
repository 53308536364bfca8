import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { testDir } from '@app/runtime/testing';
import { type Command, Learned, stepsOf } from './readme.js';
import { until } from './system.js';

const ROOT = join(import.meta.dirname, '../..');
const STARTED_MS = 120_000;
const SHOWN_MS = 60_000;
const ENDED_MS = 40_000;
const steps = stepsOf('### Two instances');

/** A home of its own, and in it a clone: links to what is in this one, so that files may be saved beside them. */
const home = testDir();
const clone = join(home.path, 'clone');
const running: ChildProcess[] = [];
const PATH = process.env['PATH'] ?? '';
const env: Record<string, string> = { PATH, HOME: home.path, npm_config_update_notifier: 'false' };
/** npm's own npx runs the logins, and takes a second to find this file; it stands in for it afterwards. */
const NPX = '#!/bin/sh\n[ "$1 $2" = "--no-install ap" ] || exit 64\nshift 2\nexec node_modules/.bin/ap "$@"\n';
/** The ports of the README, and those that stand for them here. */
const ports = new Map<string, string>();
const learned = new Learned();

beforeAll(async () => {
  mkdirSync(clone);
  mkdirSync(join(home.path, 'bin'));
  writeFileSync(join(home.path, 'bin/npx'), NPX, { mode: 0o755 });
  for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(clone, name));
  for (const port of ['4610', '4611', '4620', '4621', '9999']) ports.set(port, String(await quietPort()));
});
afterAll(async () => {
  await Promise.all(running.map(interrupt));
  await home.remove();
}, 60_000);

/** Free, and of none that a system gives to a connection: some are listened on only when much else has been done. */
async function quietPort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if ([...ports.values()].includes(String(port))) continue;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) =>
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
    );
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** As Ctrl-C in its shell does. */
async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), ENDED_MS);
  process.kill(-child.pid!, 'SIGINT');
  await ended;
  clearTimeout(late);
}

/** With the ports of this run. A port that is not replaced would be that of somebody else. */
const here = (text: string): string =>
  text.replaceAll(/(?<=127\.0\.0\.1:|_PORT=|listen\()\d+/g, (port) => {
    const mine = ports.get(port);
    if (mine === undefined) throw new Error(`README.md uses port ${port}, which this test does not replace`);
    return mine;
  });

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(line: string): Promise<Ran> {
  const found = { ...env, PATH: line.includes('npm run') ? PATH : `${join(home.path, 'bin')}:${PATH}` };
  const child = execFile('bash', ['-o', 'pipefail', '-c', line], { cwd: clone, env: found });
  child.stdin?.end();
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text: string) => (stdout += text));
  child.stderr?.on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })));
}

/** NonceStore: what it sets is there for all that follows. */
async function setVariable(line: string): Promise<void> {
  const [, name = ''] = /^export (\w+)=/.exec(line) ?? [];
  const { code, stdout } = await run(`${line}; printenv ${name}`);
  expect([line, code]).toEqual([line, 0]);
  env[name] = stdout.trim();
}

/** What goes on in a shell of its own, or in the background: until it has printed what is shown. */
async function start({ line, shown }: Command): Promise<void> {
  const child = spawn('bash', ['-c', line.replace(/ &$/, '')], { cwd: clone, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  let printed = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => (printed += text.toString()));
  const look = async () => ({ fits: learned.fits(shown, printed), ended: child.exitCode !== null, line, printed });
  const { fits } = await until(look, (now) => now.fits || now.ended, STARTED_MS, 'it prints what README.md shows');
  expect([line, fits, printed]).toEqual([line, true, expect.any(String)]);
}

/** A reader tries again what does not work yet: one side has to hear of the other, and tables of what was written. */
const runUntilShown = ({ line, shown }: Command): Promise<unknown> =>
  until(
    async () => ({ line, ...(await run(line)) }),
    ({ code, stdout, stderr }) => code === 0 && learned.fits(shown, stdout + stderr),
    SHOWN_MS,
    `it succeeds and prints what README.md shows:\n${shown}`,
  );

describe('"Two instances" in the README', () => {
  const commands = steps.filter((step) => 'line' in step);

  it('leads from two starts to a call by curl and one by the SDK, over a rule with a credential', () => {
    const named = [
      /npm start$/,
      /npm start$/,
      /peers add/,
      /peers add .*--test$/s,
      /routes add/,
      /--credential-stdin/,
      /^curl .*SendMessage/s,
      /call\.mjs/,
    ];
    const order = named.map((pattern, i) => commands.findIndex(({ line }, at) => at >= i && pattern.test(line)));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  it('does on one machine, command by command, what it says', async () => {
    const [starts, rest] = [
      commands.filter(({ line }) => line.endsWith('npm start')),
      steps.filter((step) => !('line' in step && step.line.endsWith('npm start'))),
    ];
    await Promise.all(starts.map(({ line, shown }) => start({ line: here(line), shown })));
    for (const step of rest) {
      if ('file' in step) {
        writeFileSync(join(clone, step.file), here(step.text));
        continue;
      }
      const command = { line: learned.in(here(step.line)), shown: here(step.shown) };
      if (command.line.startsWith('export ')) await setVariable(command.line);
      else if (command.line.endsWith(' &')) await start(command);
      else await runUntilShown(command);
    }
  }, 300_000);
});
