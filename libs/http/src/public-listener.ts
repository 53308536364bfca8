import { type IncomingMessage, STATUS_CODES, type Server, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { TrustedProxies } from './client-address.js';
import { ConnectionBound } from './connection-bound.js';
import { RETRY_AFTER_S, problemOfMachines } from './problem.filter.js';
import type { PublicEndpoint } from './public-endpoint.js';
import { hasTwoHosts } from './site-check.js';

export interface Listening {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** PEM; absent: plainly. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** So many at a time, besides those that endpoints have taken over. */
  readonly maxConnections?: number;
  /** The same of one address; `ConnectionBound` says which is closed for one more. */
  readonly maxConnectionsPerAddress?: number;
  /** Networks whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[];
  /** What is under way when it closes has so long to end. */
  readonly closeMs?: number;
}

const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 10_000;
const MAX_CONNECTIONS_PER_ADDRESS = 1_000;
const HEADERS_MS = 10_000;
/** Interval between two looks for requests that are late, ms. Node's own is 30 s. */
const LATE_CHECK_MS = 2_000;
/** Node's own is 120 s. */
const TLS_HANDSHAKE_MS = 10_000;
/** A body that is not here by then is not coming; an answer may take as long as its endpoint lets it. */
const BODY_MS = 60_000;
const KEEP_ALIVE_MS = 75_000;
const CLOSE_MS = 5_000;

/**
 * The server that faces other machines: hands each request to the endpoint whose prefix its path has. Nest's own is for operators; here bytes
 * must pass untouched, and sockets be handed over. Of itself it answers `/healthz`, `/readyz`, and what no endpoint takes, with 404.
 */
export class PublicListener {
  private readonly server: Server;
  /** The connections that are answered here: one that an endpoint has taken over is that endpoint's to end, and is not waited for. */
  private readonly own = new Set<Duplex>();
  /** Those that endpoints have taken over are not counted. Node's `maxConnections` would count them. */
  private readonly bound: ConnectionBound;
  private readonly none = Promise.withResolvers<void>();

  /** `failing`: what keeps this process from answering well, as `/readyz` names it, besides what its endpoints say; nothing: it is ready. */
  constructor(
    private readonly endpoints: readonly PublicEndpoint[],
    private readonly at: Listening,
    private readonly failing: () => Promise<readonly string[]>,
    private readonly bug: (error: unknown) => void,
  ) {
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_MS,
      requestTimeout: BODY_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: LATE_CHECK_MS,
      // To offer another protocol is no condition: what nobody takes up is answered as if it had not been said.
      shouldUpgradeCallback: (request: IncomingMessage) => this.testAppOf(request)?.upgrade !== undefined && isWebSocket(request),
    };
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.answer(request, response);
    this.server =
      at.tls === undefined
        ? createServer(options, handle)
        : createTlsServer({ ...options, ...at.tls, handshakeTimeout: TLS_HANDSHAKE_MS }, handle);
    const { maxConnections: total = MAX_CONNECTIONS, maxConnectionsPerAddress: perAddress = MAX_CONNECTIONS_PER_ADDRESS } = at;
    const proxies = new TrustedProxies(at.trustedProxies ?? []).watch(this.server);
    this.bound = new ConnectionBound({ total, perAddress }, (address) => proxies.has(address)).watch(this.server);
    this.server.on(at.tls === undefined ? 'connection' : 'secureConnection', (socket: Duplex) => {
      this.own.add(socket);
      socket.once('close', () => this.left(socket));
    });
    this.server.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  /** Resolves to the port. Throws what `listen` throws. */
  listen(): Promise<number> {
    const { host, port } = this.at;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject).listen(port, host, () => {
        this.server.off('error', reject).on('error', (error) => this.bug(error)); // One that could not be accepted is no end of all others.
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** Takes nothing new, waits for what is under way, and cuts what does not end. */
  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeIdleConnections();
    if (this.own.size === 0) return;
    const cut = setTimeout(() => this.cut(), this.at.closeMs ?? CLOSE_MS);
    await this.none.promise;
    clearTimeout(cut);
  }

  private cut(): void {
    for (const endpoint of this.endpoints) endpoint.closing?.();
    for (const socket of this.own) socket.destroy();
  }

  /** Nest calls these two of whatever it provides. */
  async onApplicationBootstrap(): Promise<void> {
    await this.listen();
  }

  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  private testAppOf({ url = '' }: IncomingMessage): PublicEndpoint | undefined {
    return this.endpoints.find(({ prefixes }) => prefixes.some((prefix) => url.startsWith(prefix)));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const endpoint = this.testAppOf(request);
      if (hasTwoHosts(request)) problem(response, 400, 'http.400', 'The request has more than one Host.', 'Send one.');
      else if (endpoint !== undefined) await endpoint.handle(request, response);
      else if (request.url === '/healthz') json(response, 200, { status: 'live' });
      else if (request.url === '/readyz') await this.readiness(response);
      else problem(response, 404, 'http.404', 'Nothing is answered here.', 'Check the path; operators find the page at the API.');
    } catch (error) {
      const known = problemOfMachines(error, request.method ?? '')?.problem;
      if (known === undefined) this.bug(error);
      if (response.headersSent) response.destroy();
      else if (known !== undefined) json(response.setHeader('Retry-After', RETRY_AFTER_S), known.status, known, 'application/problem+json');
      else problem(response, 500, 'http.500', 'This request could not be answered.', 'Try again; the log of the process says more.');
    }
  }

  private async readiness(response: ServerResponse): Promise<void> {
    const ofEndpoints = this.endpoints.map((endpoint) => endpoint.failing?.() ?? null).filter((word) => word !== null);
    const failing = [...(await this.failing()), ...ofEndpoints];
    if (failing.length === 0) json(response, 200, { status: 'ready', failing });
    else json(response, 503, { status: 'not_ready', failing });
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    this.bound.release(request.socket);
    this.left(socket);
    try {
      if (hasTwoHosts(request)) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      else this.testAppOf(request)?.upgrade?.(request, socket, head);
    } catch (error) {
      this.bug(error);
      socket.destroy();
    }
  }

  private left(socket: Duplex): void {
    this.own.delete(socket);
    if (!this.server.listening && this.own.size === 0) this.none.resolve();
  }
}

const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

const json = (response: ServerResponse, status: number, body: object, type = 'application/json'): void =>
  void response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(body));

function problem(response: ServerResponse, status: number, code: string, detail: string, next: string): void {
  const title = STATUS_CODES[status] ?? 'Failed';
  json(response, status, { type: 'about:blank', title, status, code, detail, next }, 'application/problem+json');
}
