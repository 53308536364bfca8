import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import { ProblemException, type Problem, type PublicEndpoint, RETRY_AFTER_S, addressOf, networkOf, problemOfMachines } from '@app/http';
import { WebSocketServer } from 'ws';
import { AgentRegistry } from './agent-registry.provider.js';
import { JOIN_PATH, LIMITS, SUBPROTOCOL, TUNNEL_PATH } from '../tunnel.protocol.js';
import { JoinHandler } from './join-handler.provider.js';
import { remoteOf } from './remote.js';
import { TunnelManager } from './tunnel-manager.provider.js';

/** What edge agents find in public: where they join, and where their tunnels begin. */
@Injectable()
export class EdgeEndpoint implements PublicEndpoint {
  readonly prefixes = ['/edge/v1/'];
  private readonly log = new Logger('edge.door');
  private readonly sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
    handleProtocols: () => SUBPROTOCOL,
  });

  constructor(
    private readonly registry: AgentRegistry,
    private readonly handler: JoinHandler,
    private readonly tunnels: TunnelManager,
  ) {}

  failing(): string | null {
    return this.registry.isLost ? 'agents' : null;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = pathOf(request);
      if (path === TUNNEL_PATH) throw upgradeNeeded();
      if (path !== JOIN_PATH) throw plain(404, 'edge.not-here', 'There is nothing here.');
      if (request.method !== 'POST') throw plain(405, 'edge.method', 'A join is a POST.');
      answer(response, 201, 'application/json', await this.handler.join(request));
    } catch (error) {
      const problem = this.problemOf(error);
      const retryAfterS = problem.facts?.['retry_after_s'];
      if (typeof retryAfterS === 'number') response.setHeader('Retry-After', retryAfterS);
      else if (problem.status === 503) response.setHeader('Retry-After', RETRY_AFTER_S);
      if (!request.complete) response.setHeader('Connection', 'close'); // What is left of the body is not read.
      answer(response, problem.status, 'application/problem+json', problem);
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (pathOf(request) !== TUNNEL_PATH) return refuse(socket, 404);
    if (!offers(request, SUBPROTOCOL)) return refuse(socket, 400);
    const address = addressOf(request);
    const network = networkOf(address);
    if (!this.tunnels.admits(network)) return refuse(socket, 503, Math.round(this.tunnels.retryMs / 1_000));
    this.sockets.handleUpgrade(request, socket, head, (tunnel) => this.tunnels.welcome(tunnel, { remote: remoteOf(address), network }));
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof ProblemException) return error.problem;
    const known = problemOfMachines(error, 'POST')?.problem;
    if (known !== undefined) {
      this.log.warn(`a join failed: ${known.detail}`);
      return known;
    }
    this.log.error(error);
    return plain(500, 'edge.failed', 'Something went wrong on this side.').problem;
  }
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? '';

const offers = ({ headers }: IncomingMessage, protocol: string): boolean =>
  (headers['sec-websocket-protocol'] ?? '').split(',').some((offered) => offered.trim() === protocol);

function answer(response: ServerResponse, status: number, type: string, body: object): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(JSON.stringify(body));
}

/** Of a request that wanted to become a tunnel. The socket is ours to end, whatever becomes of it. */
function refuse(socket: Duplex, status: number, retryAfterS?: number): void {
  socket.on('error', () => socket.destroy());
  const again = retryAfterS === undefined ? '' : `Retry-After: ${retryAfterS}\r\n`;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${again}Content-Length: 0\r\nConnection: close\r\n\r\n`, () =>
    socket.destroy(),
  );
}

const plain = (status: number, code: string, detail: string): ProblemException =>
  new ProblemException({
    title: STATUS_CODES[status] ?? 'Problem',
    status,
    code,
    detail,
    next: 'Compare the request with what the edge agent sends.',
  });
const upgradeNeeded = (): ProblemException =>
  new ProblemException({
    title: 'Upgrade needed',
    status: 426,
    code: 'edge.upgrade-needed',
    detail: `A tunnel is a WebSocket with the subprotocol ${SUBPROTOCOL}.`,
    next: 'Connect with the edge agent; a proxy on the way must pass Upgrade on.',
  });
