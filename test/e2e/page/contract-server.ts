import { createReadStream, existsSync, statSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Problem } from '../../../apps/dashboard/src/contract.js';
import type { Asked } from './asked.js';
import { Contract } from './contract.js';
import { Refused, refused } from './refused.js';

const API = '/api/v1/infrastructure';
/** As strict as it gets: the page may bring no inline script, no style element, no data: URI, and call nobody else. */
export const CSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/** As often as the API or oftener, ms: a test that takes long does not make the page stale. */
const COMMENT_MS = 2_000;

/** The contract of the API over HTTP. A spec drives its stream and breaks it; what the page asked is in `asked`. */
export class ContractServer extends Contract {
  /** Every request is cut off, as by a machine that is gone. */
  gone = false;
  /** Streams end at once, as behind a proxy that cannot carry them. */
  streamless = false;
  /** Requests wait here first, by method and path: `GET /peers`. */
  readonly gates = new Map<string, Promise<void>>();
  private readonly held = new Map<string, Promise<void>>();
  /** Answered instead, by method and path. */
  readonly broken = new Map<string, Pick<Problem, 'status' | 'code' | 'detail' | 'next'>>();
  /** So many reads with `after` find the read model behind. */
  behind = 0;
  readonly asked: Asked[] = [];
  /** Streams say nothing by themselves. */
  isSilent = false;
  private readonly streams = new Set<ServerResponse>();
  private readonly comments = setInterval(() => this.isSilent || this.comment(), COMMENT_MS);

  private constructor(
    private readonly server: Server,
    private readonly pages: string,
  ) {
    super();
  }

  /** `pages`: the built page. */
  static async start(pages: string): Promise<ContractServer> {
    const server = createServer((request, response) => void contract.answer(request, response));
    const contract = new ContractServer(server, pages);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return contract;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    clearInterval(this.comments);
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** How many pages listen. */
  get listeners(): number {
    return this.streams.size;
  }

  /** Holds back every answer to these, by method and path, until the function that it returns is called. */
  hold(...routes: string[]): () => void {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    for (const route of routes) this.gates.set(route, gate);
    return () => {
      for (const route of routes) this.gates.delete(route);
      release();
    };
  }

  /** The next answer is made as ever, but sent only after `gate`: older than what the stream has said by then. */
  holdBack(route: string, gate: Promise<void>): void {
    this.held.set(route, gate);
  }

  say(event: string, data: unknown, id?: string): void {
    for (const stream of this.streams)
      stream.write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  }

  comment(): void {
    for (const stream of this.streams) stream.write(': still here\n\n');
  }

  cutStreams(): void {
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.gone) return void request.destroy();
    const url = new URL(request.url!, this.origin);
    if (!url.pathname.startsWith(`${API}/`)) return this.page(url.pathname, response);
    const asked: Asked = {
      method: request.method!,
      path: url.pathname.slice(API.length),
      query: url.searchParams,
      headers: request.headers,
      body: await bodyOf(request),
    };
    this.asked.push(asked);
    await this.gates.get(`${asked.method} ${asked.path}`);
    try {
      this.admit(asked);
      if (asked.query.has('after') && this.behind-- > 0)
        throw refused(503, 'read.behind', 'The read model has not reached that position yet.', 'Ask again.');
      const broken = this.broken.get(`${asked.method} ${asked.path}`);
      if (broken !== undefined) throw new Refused(broken);
      if (asked.path === '/stream') return this.open(response);
      const answer = JSON.stringify(this.route(asked));
      await this.heldBack(`${asked.method} ${asked.path}`);
      send(response, ...(JSON.parse(answer) as [number, unknown]));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, code } = error.problem;
      send(response, status, { type: `urn:clawbutler:problem:${code}`, title: code, ...error.problem }, 'application/problem+json');
    }
  }

  private heldBack(route: string): Promise<void> | undefined {
    const gate = this.held.get(route);
    this.held.delete(route);
    return gate;
  }

  private open(response: ServerResponse): void {
    if (this.streamless) return void response.writeHead(503).end();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(`event: hello\ndata: ${JSON.stringify({ server_time: new Date().toISOString(), position: `f${this.position}` })}\n\n`);
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
  }

  private page(path: string, response: ServerResponse): void {
    const file = join(this.pages, path);
    const isAsset = path.startsWith('/assets/') && existsSync(file) && statSync(file).isFile();
    if (!isAsset && !path.startsWith('/infrastructure') && path !== '/login') return void response.writeHead(404).end();
    const sent = isAsset ? file : join(this.pages, 'index.html');
    response.writeHead(200, { 'content-type': TYPES[extname(sent)]!, 'content-security-policy': CSP });
    createReadStream(sent).pipe(response);
  }
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

function send(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  if (body === undefined || body === null) return void response.writeHead(status).end();
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}
