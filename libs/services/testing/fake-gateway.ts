import { readFileSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What a real gateway answered. */
type Answers = Record<string, { status: number; body: object }>;
const real = JSON.parse(readFileSync(join(import.meta.dirname, 'openclaw-http.json'), 'utf8')) as Answers;

/** Which of the real answers a gateway in this state gives, by path; `local` callers are told more than others. */
const STATES = {
  local: { '/readyz': real['GET /readyz local or bearer'], '/startupz': real['GET /startupz local or bearer'] },
  remote: { '/readyz': real['GET /readyz remote anonymous'], '/startupz': real['GET /startupz remote anonymous'] },
  starting: { '/readyz': real['GET /readyz starting'], '/startupz': real['GET /startupz starting'] },
  draining: { '/readyz': real['GET /readyz remote anonymous'], '/startupz': real['GET /startupz draining (remote)'] },
  'not ready': { '/readyz': real['GET /readyz starting'], '/startupz': real['GET /startupz remote anonymous'] },
  'behind an untrusted proxy': {
    '/readyz': real['GET /readyz untrusted proxy header'],
    '/startupz': real['GET /readyz untrusted proxy header'],
  },
  /** Before it had these two paths: to it they are pages. */
  old: {},
} as const satisfies Record<string, Record<string, { status: number; body: object } | undefined>>;

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

/** An OpenClaw gateway as far as HTTP goes, on a free loopback port. It answers as a real one did. */
export class FakeGateway {
  state: GatewayState = 'local';
  /** What it was asked, headers included. */
  readonly asked: { path: string; headers: IncomingMessage['headers'] }[] = [];
  private readonly server = createServer((request, response) => this.answer(request, response));

  async listen(port = 0): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(port, '127.0.0.1', listening));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    this.asked.push({ path, headers: request.headers });
    if (this.state in STRANGERS) return STRANGERS[this.state as keyof typeof STRANGERS](response);
    const answer = path === '/healthz' ? real['GET /healthz'] : (STATES[this.state as keyof typeof STATES] as Answers)[path];
    if (answer === undefined) html(response);
    else json(response, answer);
  }
}

const json = (response: ServerResponse, { status, body }: { status: number; body: object }): void =>
  void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));

const html = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>OpenClaw</title>');

function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void =>
    void (response.destroyed || !response.write(' '.repeat(16_384)) ? response.once('drain', more) : setImmediate(more));
  more();
}
