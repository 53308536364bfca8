import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter, RouteConfig } from '@nestjs/platform-fastify';
import { whyUnfit } from './bounded-json.js';
import { TrustedProxies } from './client-address.js';
import { type Bounds, ConnectionBound } from './connection-bound.js';
import { problemOfHttp, notUnderstood } from './problem.filter.js';
import { type HostRules, assertHost, assertOwnSite } from './site-check.js';

/** Bytes of a body, unless its route says otherwise. The largest command has a URL of 2,048 characters and a secret of 512. */
const BODY_BYTES = 16 * 1024;
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
/** Interval between two looks for requests that are late, ms. Node's own is 30 s. */
const LATE_CHECK_MS = 2_000;
/** Longer than any path can be: what a parameter may hold is said by its class, and answered as a field that is not as described. */
const MAX_PARAMETER = 16 * 1024;
/** Of all addresses, and of one. */
const CONNECTIONS: Bounds = { total: 10_000, perAddress: 1_000 };

/** Maximum body of a route, bytes; without it 16 KiB. */
export const BodyBytes = (max: number): MethodDecorator => RouteConfig({ bodyBytes: max });

export interface OperatorsOptions extends HostRules {
  readonly connections?: Bounds;
  /** Networks whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[];
  /** Shorter in tests, ms. */
  readonly times?: { readonly headersMs: number; readonly requestMs: number; readonly lateCheckMs: number };
}

/** What of Fastify's request and reply is used here. */
interface Asked {
  readonly raw: IncomingMessage;
  /** Of the route; absent: there is none. */
  readonly routeOptions: { readonly url?: string | undefined };
  readonly query?: unknown;
  readonly params?: unknown;
}
interface Answer {
  code(status: number): Answer;
  header(name: string, value: string): Answer;
  type(mediaType: string): Answer;
  send(body: object): unknown;
}

/**
 * The HTTP server of operators. It is strict before anything else is done for a request, in this order: the Host is one of ours; no other
 * site's page sent it; bodies are JSON and nothing else, of a bounded size, depth and number of values; a query or a path holds text
 * that PostgreSQL can store. What the router and the parser of HTTP refuse is a problem as well.
 */
export class OperatorsAdapter extends FastifyAdapter {
  readonly connections: ConnectionBound;
  private isJsonOnly = false;

  constructor({ connections = CONNECTIONS, trustedProxies = [], times, ...hosts }: OperatorsOptions) {
    super({
      bodyLimit: BODY_BYTES,
      requestTimeout: times?.requestMs ?? REQUEST_MS,
      forceCloseConnections: true,
      routerOptions: { maxParamLength: MAX_PARAMETER },
      http: {
        headersTimeout: times?.headersMs ?? HEADERS_MS,
        connectionsCheckingInterval: times?.lateCheckMs ?? LATE_CHECK_MS,
      },
      frameworkErrors: (_error: Error, _request: unknown, reply: unknown) => badPath(reply as Answer),
      clientErrorHandler: answerUnparsed,
    });
    const fastify = this.getInstance();
    const proxies = new TrustedProxies(trustedProxies).watch(fastify.server);
    this.connections = new ConnectionBound(connections, (address) => proxies.has(address)).watch(fastify.server);
    fastify.addHook('onRoute', (route) => {
      const { bodyBytes } = (route.config ?? {}) as { bodyBytes?: number };
      if (bodyBytes !== undefined) route.bodyLimit = bodyBytes;
    });
    fastify.addHook('onRequest', async ({ raw, routeOptions: { url } }: Asked) => {
      if (url !== undefined && HEALTH.has(url)) return;
      assertHost(raw, hosts);
      assertOwnSite(raw, hosts, { isPage: url !== undefined && !OF_API.test(url) });
    });
    fastify.addHook('preValidation', async (asked: Asked) => assertText(asked));
  }

  /** In place of Nest's, which also takes forms: any page may send those without asking. */
  override registerParserMiddleware(prefix?: string, rawBody?: boolean): void {
    super.registerParserMiddleware(prefix, rawBody);
    if (this.isJsonOnly) return;
    this.isJsonOnly = true;
    const fastify = this.getInstance();
    const parse = fastify.getDefaultJsonParser('error', 'error');
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
      void parse(request, text, (error, body: unknown) => {
        if (error !== null) return done(error);
        const unfit = whyUnfit(body);
        if (unfit === null) done(null, body);
        else done(unfit);
      });
    });
  }
}

/** Every other route is a file of the page. */
const OF_API = /^\/(api\/|openapi\.json$)/;
/** Answered whatever the Host: who asks is a probe, which may know this process by any name, and learns nothing else. */
const HEALTH = new Set(['/healthz', '/readyz']);

/** PostgreSQL stores neither a NUL nor half of a surrogate pair, and fails when it is asked for one. */
function assertText({ query, params }: Asked): void {
  const unfit = (value: unknown): boolean => typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());
  const errors = Object.entries({ ...(query as object), ...(params as object) })
    .filter(([field, value]) => unfit(field) || [value].flat().some(unfit))
    .map(([field]) => ({ field, message: `${field} must be well-formed text without NUL` }));
  if (errors.length > 0) throw notUnderstood(errors);
}

const PROBLEM = 'application/problem+json';

/** The router answers before any hook: the path is no path at all. */
const badPath = (reply: Answer): unknown =>
  reply
    .code(400)
    .header('cache-control', 'no-store')
    .type(PROBLEM)
    .send(problemOfHttp(400, 'The path has an escape that stands for no character.').problem);

/** What is not HTTP, or came too slowly. There is neither a request nor a reply. */
function answerUnparsed(error: { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const [status, detail] = UNPARSED[error.code ?? ''] ?? [400, 'This is not HTTP/1.1.'];
  const body = JSON.stringify(problemOfHttp(status, detail).problem);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, `Content-Type: ${PROBLEM}`, `Content-Length: ${Buffer.byteLength(body)}`];
  const more = ['Cache-Control: no-store', 'Connection: close'];
  if (socket.writable) socket.write(`${[...head, ...more].join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
const UNPARSED: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
};
