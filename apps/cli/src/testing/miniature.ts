import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { transformFile } from '@swc/core';

const REPOSITORY = resolve(import.meta.dirname, '../../../..');
const IS_BUILT = /^(?!.*(\.spec\.ts$|\/testing\/)).*\.ts$/;

/** All that `ap` has of the libraries. */
const SHARED = 'libs/kernel/src/plain-text.ts';

/** A repository that holds `ap` alone, built as the whole one is, in a directory of its own. */
export class Miniature {
  private readonly children: ChildProcess[] = [];

  private constructor(readonly root: string) {}

  static async build(): Promise<Miniature> {
    const miniature = new Miniature(await mkdtemp(join(tmpdir(), 'ap-miniature-')));
    const { root } = miniature;
    await writeFile(join(root, 'package.json'), '{"type":"module"}');
    await cp(join(REPOSITORY, 'apps/cli/bin'), join(root, 'apps/cli/bin'), { recursive: true });
    await cp(join(REPOSITORY, 'apps/cli/package.json'), join(root, 'apps/cli/package.json'));
    await symlink(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'));
    const own = (await readdir(join(REPOSITORY, 'apps/cli/src'), { recursive: true })).filter((file) => IS_BUILT.test(file));
    const files = [...own.map((file) => join('apps/cli/src', file)), SHARED];
    await Promise.all(files.map((file) => compile(file, join(root, 'dist', file.replace(/\.ts$/, '.js')))));
    return miniature;
  }

  get server(): string {
    return join(this.root, 'apps/cli/bin/ap.mjs');
  }

  /** `ap` as a process; `before` are options of Node itself. */
  start(argv: readonly string[], env: Readonly<Record<string, string>>, before: readonly string[] = []): Running {
    const child = spawn(process.execPath, [...before, this.server, ...argv], { env: { PATH: '/usr/bin:/bin', ...env } });
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
    this.ended = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal!)));
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
