import { spawn } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A builder that copies, and a jest that answers what it is told: the tools run as they are, on something small. */
const NEST = `
import { appendFileSync, cpSync, existsSync } from 'node:fs';
appendFileSync('builds.log', 'built\\n');
if (existsSync('hang')) setInterval(() => {}, 1000);
else if (existsSync('broken')) { console.error('src/main.ts: what is this?'); process.exit(3); }
else cpSync('apps', 'dist/apps', { recursive: true });
`;
const JEST = `
import { appendFileSync, copyFileSync, existsSync } from 'node:fs';
const to = process.argv.find((arg) => arg.startsWith('--outputFile=')).slice('--outputFile='.length);
const isAgain = process.argv.includes('--runTestsByPath');
if (isAgain) appendFileSync('again.log', process.argv.slice(process.argv.indexOf('--runTestsByPath') + 1).join(' '));
const from = isAgain ? 'again.json' : 'results.json';
if (existsSync(from)) copyFileSync(from, to);
process.exit(Number((isAgain ? process.env.JEST_AGAIN_EXIT : process.env.JEST_EXIT) ?? 0));
`;
const MAIN = `
import { appendFileSync } from 'node:fs';
const note = (line) => appendFileSync('main.log', line + '\\n');
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { note(signal); setTimeout(() => process.exit(7), 300); });
process.once('disconnect', () => { note('alone'); process.exit(0); });
note('pid ' + process.pid);
if (process.argv.includes('--end')) process.exit(5);
setInterval(() => {}, 1000);
`;

export interface Run {
  readonly pid: number;
  output(): string;
  /** The exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface Project {
  readonly dir: string;
  write(path: string, content: string): void;
  /** Null where there is no such file. */
  read(path: string): string | null;
  remove(path: string): void;
  /** Runs one of the tools as npm would, in a process group of its own, as a terminal would. */
  run(tool: 'start.mjs' | 'test.mjs', args?: string[], env?: Record<string, string>): Run;
  discard(): void;
}

/** A project of the shape of ours with the tools of ours, in which installing and building take no time. Nothing is installed. */
export function project(): Project {
  const dir = mkdtempSync(join(tmpdir(), 'clawbutler-project-'));
  const running = new Set<number>();
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  const pack = (path: string, name: string, file: string, content: string): void => {
    write(`${path}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module' }));
    write(`${path}/${file}`, content);
  };
  cpSync(join(REPOSITORY, 'tools'), join(dir, 'tools'), { recursive: true });
  pack('packages/nest', '@nestjs/cli', 'bin/nest.js', NEST);
  pack('packages/jest', 'jest', 'bin/jest.js', JEST);
  const dependencies = { '@nestjs/cli': 'file:packages/nest', jest: 'file:packages/jest' };
  write('package.json', JSON.stringify({ name: 'fixture', private: true, type: 'module', dependencies }));
  write('apps/standalone/src/main.js', MAIN);
  write('test/skips.json', '{}');
  execFileSync('npm', ['install', '--package-lock-only', '--offline', '--no-audit', '--no-fund'], { cwd: dir, stdio: 'ignore' });
  return {
    dir,
    write,
    read: (path) => {
      try {
        return readFileSync(join(dir, path), 'utf8');
      } catch {
        return null;
      }
    },
    remove: (path) => rmSync(join(dir, path), { recursive: true, force: true }),
    run: (tool, args = [], env = {}) => {
      const child = spawn(process.execPath, [join('tools', tool), ...args], {
        cwd: dir,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...env },
      });
      running.add(child.pid!);
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
      const ended = new Promise<number | NodeJS.Signals | null>((end) => child.once('close', (code, signal) => end(code ?? signal)));
      void ended.then(() => running.delete(child.pid!));
      return { pid: child.pid!, output: () => said, ended };
    },
    discard: () => {
      for (const pid of running) process.kill(-pid, 'SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
