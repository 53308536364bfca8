import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type HttpAnswer, STATES, real } from './frames.js';
import { FakeSockets } from './fake-sockets.js';

/** What may listen where a gateway should, or stand before it. `frozen` accepts connections and says nothing. */
const STRANGERS = {
  frozen: () => undefined,
  'a website': (response) => html(response),
  'another JSON service': (response) => json(response, { status: 200, body: { status: 'ok' } }),
  'a login page': (response) => void response.writeHead(302, { location: 'https://login.example/' }).end(),
  'an endless page': (response) => endless(response),
  broken: (response) => void response.writeHead(502).end('Bad Gateway'),
  locked: (response) => void response.writeHead(401).end(),
} as const satisfies Record<string, (response: ServerResponse) => void>;

export type GatewayState = keyof typeof STATES | keyof typeof STRANGERS;
export const GATEWAY_STATES = [...Object.keys(STATES), ...Object.keys(STRANGERS)] as GatewayState[];

/** How long the recorded one had run when it was asked `/startupz`. */
const RECORDED_MS = (real.http['GET /startupz local or bearer']!.body as { uptimeMs: number }).uptimeMs;

/** An OpenClaw gateway on a free loopback port, HTTP and WebSocket. It answers as a real one did. */
export class FakeGateway {
  state: GatewayState = 'local';
  /** What it answers by path, where it is not what the real one did. */
  readonly answers: Record<string, HttpAnswer> = {};
  /** By which its uptime grows, as the recorded one stands when it is made. */
  nowMs = (): number => performance.now();
  /** What it was asked over HTTP, headers included. */
  readonly asked: { path: string; headers: IncomingMessage['headers'] }[] = [];
  /** Its WebSocket side: who is connected, what they may, what they asked. */
  readonly sockets = new FakeSockets();
  private startedMs: number | null = null;
  private readonly server = createServer((request, response) => this.answer(request, response));

  constructor() {
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  async listen(port = 0): Promise<string> {
    this.startedMs ??= this.nowMs() - RECORDED_MS;
    await new Promise<void>((listening) => this.server.listen(port, '127.0.0.1', listening));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** As after a restart: its uptime begins again. */
  startAnew(): void {
    this.startedMs = this.nowMs();
  }

  async close(): Promise<void> {
    this.sockets.cut();
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    this.asked.push({ path, headers: request.headers });
    if (this.state in STRANGERS) return STRANGERS[this.state as keyof typeof STRANGERS](response);
    const answers: Record<string, HttpAnswer | undefined> = STATES[this.state as keyof typeof STATES];
    const answer = this.answers[path] ?? (path === '/healthz' ? real.http['GET /healthz'] : this.grown(answers[path]));
    if (answer === undefined) html(response);
    else json(response, answer);
  }

  private grown(answer: HttpAnswer | undefined): HttpAnswer | undefined {
    const uptimeMs = (answer?.body as { uptimeMs?: number } | undefined)?.uptimeMs;
    if (answer === undefined || uptimeMs === undefined || this.state !== 'local') return answer;
    const ms = uptimeMs - RECORDED_MS + this.nowMs() - (this.startedMs ?? 0);
    return { ...answer, body: { ...(answer.body as object), uptimeMs: Math.max(0, Math.round(ms)) } };
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.sockets.upgrades++;
    if (this.state === 'frozen') return this.sockets.hold(socket);
    if (this.state === 'draining') {
      const words = real.http['WS upgrade draining']!.body as string;
      const head = `HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(words)}`;
      return void socket.end(`${head}\r\n\r\n${words}`);
    }
    if (this.state in STRANGERS) return void socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    this.sockets.isStarting = this.state === 'starting';
    this.sockets.accept(request, socket, head);
  }
}

const json = (response: ServerResponse, { status, body, headers }: HttpAnswer): void =>
  void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body));

const html = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>OpenClaw</title>');

function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void =>
    void (response.destroyed || !response.write(' '.repeat(16_384)) ? response.once('drain', more) : setImmediate(more));
  more();
}
