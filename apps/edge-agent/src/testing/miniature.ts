import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transformFile } from '@swc/core';
import { until } from './fake-clock.js';

const REPOSITORY = resolve(import.meta.dirname, '../../../..');
const IS_BUILT = /^(?!.*(\.spec\.ts$|testing\/)).*\.ts$/;
/** All that the agent has of the rest of the system, and so all that has to be shipped with it. */
const PROTOCOL = [
  ...['tunnel.protocol.ts', 'tunnel.frames.ts', 'tunnel.reader.ts'].map((file) => join('libs/edge/src', file)),
  'libs/kernel/src/plain-text.ts',
];

/** The agent built as the whole system is, in a directory where there is nothing else but the packages it may use. */
export class Miniature {
  private readonly children: ChildProcess[] = [];

  private constructor(readonly root: string) {}

  static async build(): Promise<Miniature> {
    const miniature = new Miniature(await mkdtemp(join(tmpdir(), 'edge-agent-miniature-')));
    const { root } = miniature;
    await writeFile(join(root, 'package.json'), '{"type":"module"}');
    await mkdir(join(root, 'node_modules'));
    for (const name of ['ws', 'commander']) await symlink(join(REPOSITORY, 'node_modules', name), join(root, 'node_modules', name));
    const own = (await readdir(join(REPOSITORY, 'apps/edge-agent/src'), { recursive: true })).filter((file) => IS_BUILT.test(file));
    const files = [...own.map((file) => join('apps/edge-agent/src', file)), ...PROTOCOL];
    await Promise.all(files.map((file) => compile(file, join(root, 'dist', file.replace(/\.ts$/, '.js')))));
    return miniature;
  }

  /** The agent as a process; `ipc`: with a channel to us, as `npm run` has it. */
  start(argv: readonly string[], env: Readonly<Record<string, string>> = {}, more: readonly 'ipc'[] = []): Running {
    const main = join(this.root, 'dist/apps/edge-agent/src/main.js');
    const child = spawn(process.execPath, [main, ...argv], {
      env: { PATH: '/usr/bin:/bin', ...env },
      stdio: ['pipe', 'pipe', 'pipe', ...more],
    });
    this.children.push(child);
    return new Running(child);
  }

  async close(): Promise<void> {
    for (const child of this.children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await rm(this.root, { recursive: true, force: true });
  }
}

/** A child process with what it has said so far. */
export class Running {
  out = '';
  err = '';
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    // Not by its `close`, which does not come when the channel was closed from here.
    const read = [child.stdout!, child.stderr!].map((stream) => once(stream, 'close'));
    const exit = new Promise<number | NodeJS.Signals>((done) => child.once('exit', (code, signal) => done(code ?? signal!)));
    this.ended = Promise.all(read).then(() => exit);
  }

  says(words: string): Promise<void> {
    return until(`it says ${words}, and not ${this.err}`, () => this.err.includes(words));
  }
}

async function compile(file: string, to: string): Promise<void> {
  const { code } = await transformFile(join(REPOSITORY, file), {
    swcrc: false,
    module: { type: 'es6' },
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
  });
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, code);
}
