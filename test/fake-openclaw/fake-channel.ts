import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { real } from './frames.js';

/**
 * The A2A channel of an OpenClaw gateway as the real one speaks: a card for everybody, one bearer for all else, and no look at A2A-Version.
 * Its one task has ended when it is made.
 */
export class FakeChannel {
  private readonly server = createServer((request, response) => void this.answer(request, response));

  private constructor(readonly bearer: string) {}

  static async open(bearer: string): Promise<FakeChannel> {
    const channel = new FakeChannel(bearer);
    await new Promise<void>((listening) => channel.server.listen(0, '127.0.0.1', listening));
    return channel;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (status: number, body: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
    const text = (await request.toArray()).join('');
    if (request.url === '/.well-known/agent-card.json') return json(200, this.card());
    if (request.url !== '/a2a/v1') return json(404, {});
    if (request.headers.authorization !== `Bearer ${this.bearer}`) return json(401, real.a2a.unauthorized);
    const { id, method, params } = JSON.parse(text) as { id: unknown; method: string; params: { id?: string } };
    const { task, 'unknown task': unknown } = real.a2a;
    if (method === 'SendMessage') return json(200, { jsonrpc: '2.0', id, result: { task } });
    json(200, { jsonrpc: '2.0', id, ...(params.id === task.id ? { result: task } : { error: unknown }) });
  }

  private card(): object {
    const [one] = real.a2a.card.supportedInterfaces;
    return { ...real.a2a.card, supportedInterfaces: [{ ...one, url: `${this.url}/a2a/v1` }] };
  }
}
