import { type IncomingMessage, type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const CARD = '/.well-known/agent-card.json';

/** An agent that a test makes of bytes: it has a card, and what it answers is up to the test. */
export class RawAgent {
  /** What it was asked, cards aside. */
  readonly observed: {
    readonly method: string;
    readonly url: string;
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }[] = [];
  /** Answers the next requests; set by the test. */
  answer: RequestListener = (_request, response) => void response.end();
  /** The card, by default one with both bindings. */
  card: (url: string) => object | string = (url) => ({
    name: 'Raw',
    supportedInterfaces: [
      { url: `${url}rpc?tenant=7`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: `${url}rest/`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    ],
  });
  /** Answers for the card instead. */
  cardAnswer: RequestListener | undefined;
  /** The connections it was reached by so far. */
  connections = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async open(): Promise<RawAgent> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const agent = new RawAgent(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    server.on('connection', () => agent.connections++);
    server.on('request', (request, response) => {
      if (request.url === CARD) {
        if (agent.cardAnswer !== undefined) return agent.cardAnswer(request, response);
        const card = agent.card(agent.url);
        response.writeHead(200, { 'content-type': 'application/json' }).end(typeof card === 'string' ? card : JSON.stringify(card));
        return undefined;
      }
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        agent.observed.push({ method, url, headers, body: Buffer.concat(body.splice(0)).toString() });
        agent.answer(request, response);
      });
    });
    return agent;
  }

  /** As a killed process does. */
  die(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}
