import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const STARTED_MS = 180_000;
const TURN_MS = 180_000;
const STOPPED_MS = 10_000;
/** What the model behind it says of each answer, and what a million of either costs. */
const USAGE = { prompt_tokens: 12_000, completion_tokens: 340, total_tokens: 12_340 };
const PRICE = { input: 3, output: 15, cacheRead: 0, cacheWrite: 0 };

/**
 * The real `openclaw` package as a process on loopback, in a directory of its own, with two agents and a model that answers from this
 * process: nothing of it leaves the machine. `packageDir`: where `npm install openclaw` was run. Its A2A channel listens when it has a
 * peer, which shows the bearer.
 */
export class RealGateway {
  readonly token = 'a-token-for-one-run-of-the-tests';
  private process: ChildProcess | null = null;
  private output = '';

  private constructor(
    readonly url: string,
    private readonly packageDir: string,
    private readonly dir: string,
    private readonly model: Server,
    /** What the peer of its A2A channel shows; null: it has no such channel. */
    readonly bearer: string | null,
  ) {}

  static async open(packageDir: string, bearer: string | null = null): Promise<RealGateway> {
    const dir = await mkdtemp(join(tmpdir(), 'openclaw-'));
    const model = createServer((request, response) => void request.resume().on('end', () => answer(response)));
    const port = await freePort();
    await new Promise<void>((listening) => model.listen(0, '127.0.0.1', listening));
    const gateway = new RealGateway(`http://127.0.0.1:${port}`, packageDir, dir, model, bearer);
    await mkdir(join(dir, 'state'));
    await writeFile(join(dir, 'state', 'openclaw.json'), JSON.stringify(gateway.config(port)));
    await gateway.start();
    return gateway;
  }

  /** Lets an agent of it answer once, which costs what the model says. */
  async spend(agent: string): Promise<void> {
    const argv = [this.main, 'agent', '--agent', agent, '--message', 'hello', '--json'];
    await promisify(execFile)(process.execPath, argv, { env: this.env, timeout: TURN_MS });
  }

  async close(): Promise<void> {
    const { process: child } = this;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      const late = setTimeout(() => child.kill('SIGKILL'), STOPPED_MS);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(late);
    }
    this.model.closeAllConnections();
    await new Promise((closed) => this.model.close(closed));
    await rm(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }

  private get main(): string {
    return join(this.packageDir, 'node_modules/openclaw/openclaw.mjs');
  }

  private get env(): Record<string, string> {
    const state = join(this.dir, 'state');
    const path = `${join(process.execPath, '..')}:/usr/bin:/bin`;
    return { PATH: path, HOME: this.dir, OPENCLAW_STATE_DIR: state, OPENCLAW_CONFIG_PATH: join(state, 'openclaw.json') };
  }

  private config(port: number): object {
    const { port: modelPort } = this.model.address() as AddressInfo;
    const m1 = { id: 'm1', name: 'm1', input: ['text'], reasoning: false, contextWindow: 196_608, maxTokens: 4_096, cost: PRICE };
    const mock = { baseUrl: `http://127.0.0.1:${modelPort}/v1`, apiKey: 'none', api: 'openai-completions', models: [m1] };
    return {
      gateway: { mode: 'local', port, bind: 'loopback', auth: { mode: 'token', token: this.token } },
      models: { providers: { mock } },
      agents: { defaults: { model: { primary: 'mock/m1' } }, list: [{ id: 'main', default: true }, { id: 'clerk' }] },
      ...(this.bearer === null ? {} : { channels: { a2a: { enabled: true, peers: { instance: { token: this.bearer } } } } }),
    };
  }

  private async start(): Promise<void> {
    const child = spawn(process.execPath, [this.main, 'gateway', 'run'], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    const deadline = performance.now() + STARTED_MS;
    while (!(await this.isStarted())) {
      if (performance.now() > deadline || child.exitCode !== null) {
        await this.close();
        throw new Error(`openclaw did not start: ${this.output.slice(-2_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 250)); // Between two looks at another process.
    }
  }

  private async isStarted(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/startupz`);
      return ((await response.json()) as { status?: unknown }).status === 'started';
    } catch {
      return false; // It does not listen yet.
    }
  }
}

/** One short answer, streamed as an OpenAI-compatible model does. */
function answer(response: import('node:http').ServerResponse): void {
  const chunk = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm1' };
  const said = [
    { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'done' }, finish_reason: null }] },
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { ...chunk, choices: [], usage: USAGE },
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end(`${said.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')}data: [DONE]\n\n`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
