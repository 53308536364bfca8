import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClusterMember } from '@app/runtime/testing';
import { type Compose, DOCKER, ROOT, type Service, textOf } from './compose.js';
import { execForm, readDockerfile } from './dockerfile.js';

const NODE = join(ROOT, 'node_modules/.bin/node');
const run = promisify(execFile);

/** What a container would find at an address of the composed network, on loopback: `['api:4600', '127.0.0.1:31234']`. */
export type Addresses = readonly (readonly [string, string])[];

export const onLoopback = (text: string, addresses: Addresses): string =>
  addresses.reduce((changed, [there, here]) => changed.replaceAll(there, here), text);

/** Runs `docker/secrets.sh` as a person would, beside a copy of it in `dir`. Resolves to the directory it made. */
export async function makeSecrets(dir: string, args: readonly string[] = [], env: Record<string, string> = {}): Promise<string> {
  mkdirSync(dir, { recursive: true });
  copyFileSync(join(DOCKER, 'secrets.sh'), join(dir, 'secrets.sh'));
  await run('/bin/sh', [join(dir, 'secrets.sh'), ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });
  return join(dir, 'secrets');
}

/** A directory of secrets as containers have it, its addresses changed; where. */
export function mountSecrets(secrets: string, to: string, addresses: Addresses): string {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(secrets)) writeFileSync(join(to, name), onLoopback(readFileSync(join(secrets, name), 'utf8'), addresses));
  return to;
}

/** The arguments of a composed nats-server, its configuration laid out below the member's directory with ports and store of its own. */
export function natsArgs({ configs }: Compose, service: Service, secrets: string, member: ClusterMember): string[] {
  const { dir, port, monitorPort, routePort, storeDir, routes } = member;
  const own: Addresses = [
    ['0.0.0.0:4222', `127.0.0.1:${port}`],
    ['0.0.0.0:8222', `127.0.0.1:${monitorPort}`],
    ['0.0.0.0:6222', `127.0.0.1:${routePort}`],
    ['"/data"', JSON.stringify(storeDir)],
  ];
  for (const { source, target } of service.configs ?? []) {
    mkdirSync(join(dir, target, '..'), { recursive: true });
    writeFileSync(join(dir, target), onLoopback(textOf(configs[source]!.file), own));
  }
  mountSecrets(
    secrets,
    join(dir, 'run/secrets'),
    routes.map((route, i) => [`nats-${i + 1}:6222`, new URL(route).host]),
  );
  return (service.command ?? []).slice(1).map((arg) => arg.replace(/^\/etc\//, `${dir}/etc/`));
}

/** One container of our image, as a process. */
export class Container {
  private readonly env: Record<string, string>;
  private readonly pidFile: string;
  private child: ChildProcess | undefined;
  private text = '';

  /** `image`: the directory of `layOutImage`; `tmp`: its `/tmp`, below a `testDir`. */
  constructor(
    readonly name: string,
    private readonly image: string,
    { tmp, env }: { tmp: string; env: Readonly<Record<string, string>> },
  ) {
    mkdirSync(tmp, { recursive: true });
    this.pidFile = join(tmp, 'pid');
    const ofImage = readDockerfile()
      .at(-1)!
      .instructions.filter((each) => each.name === 'ENV');
    const given = ofImage.flatMap(({ args }) => args.split(' ')).map((pair) => pair.split('=') as [string, string]);
    this.env = { PATH: process.env['PATH'] ?? '', TMPDIR: tmp, ...Object.fromEntries(given), ...env };
  }

  get printed(): string {
    return this.text;
  }

  /** `args`: what `docker run` has after the name of the image. */
  start(...args: string[]): void {
    const [, ...entry] = execForm(readDockerfile().at(-1)!, 'ENTRYPOINT');
    const child = spawn(NODE, [...entry, ...args], { cwd: this.image, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (this.text += chunk.toString()));
    writeFileSync(this.pidFile, `- ${child.pid}\n`); // Should this test be killed, whoever removes its directory ends this first.
    child.once('exit', () => rmSync(this.pidFile, { force: true }));
    this.child = child;
  }

  /** Resolves to code and signal when it ends. */
  ended(): Promise<readonly [number | null, NodeJS.Signals | null]> {
    const { child } = this;
    if (child === undefined) throw new Error(`${this.name} was not started`);
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve([child.exitCode, child.signalCode]);
    return new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** What Docker's healthcheck finds: '' when it is well, else why not. */
  async illness(): Promise<string> {
    const [, ...args] = execForm(readDockerfile().at(-1)!, 'HEALTHCHECK');
    try {
      await this.exec(args);
      return '';
    } catch (error) {
      return (error as { stdout: string }).stdout.trim() || String(error);
    }
  }

  /** `node` with these arguments inside: what it prints. Rejects with `stdout` when it fails. */
  async exec(args: readonly string[]): Promise<string> {
    return (await run(NODE, [...args], { cwd: this.image, env: this.env })).stdout.trim();
  }
}
