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

/** An OpenClaw gateway on a free loopback port, HTTP and WebSocket. It answers as a real one did. */
export class FakeGateway {
  state: GatewayState = 'local';
  /** What it answers by path, where it is not what the real one did. */
  readonly answers: Record<string, HttpAnswer> = {};
  /** What it was asked over HTTP, headers included. */
  readonly asked: { path: string; headers: IncomingMessage['headers'] }[] = [];
  /** Its WebSocket side: who is connected, what they may, what they asked. */
  readonly sockets = new FakeSockets();
  private readonly server = createServer((request, response) => this.answer(request, response));

  constructor() {
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(port, '127.0.0.1', listening));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
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
    const answer = this.answers[path] ?? (path === '/healthz' ? real.http['GET /healthz'] : answers[path]);
    if (answer === undefined) html(response);
    else json(response, answer);
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

const json = (response: ServerResponse, { status, body }: HttpAnswer): void =>
  void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));

const html = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>OpenClaw</title>');

function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void =>
    void (response.destroyed || !response.write(' '.repeat(16_384)) ? response.once('drain', more) : setImmediate(more));
  more();
}
