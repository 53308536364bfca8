import { WebSocket } from 'ws';
import { real } from './frames.js';

/** A client that does nothing by itself: it keeps every frame it hears, and how it was closed. */
export class PlainClient {
  readonly heard: Record<string, unknown>[] = [];
  closed: [number, string] | null = null;
  private readonly socket: WebSocket;
  private waiting = Promise.withResolvers<void>();
  private ids = 0;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws'), { headers });
    this.socket.on('message', (data) => {
      this.heard.push(JSON.parse((data as Buffer).toString()) as Record<string, unknown>);
      this.waiting.resolve();
    });
    this.socket.on('close', (code, reason) => (this.closed = [code, reason.toString()])).on('close', () => this.waiting.resolve());
  }

  async until(is: () => boolean): Promise<void> {
    while (!is()) {
      await this.waiting.promise;
      this.waiting = Promise.withResolvers();
    }
  }

  /** The answer; undefined: it was closed instead. */
  async ask(method: string, params: unknown): Promise<Record<string, unknown> | undefined> {
    await this.until(() => this.heard.length > 0 || this.closed !== null); // The challenge comes first.
    const id = `${++this.ids}`;
    this.socket.send(JSON.stringify({ type: 'req', id, method, params }));
    const answer = () => this.heard.find((frame) => frame['type'] === 'res' && frame['id'] === id);
    await this.until(() => answer() !== undefined || this.closed !== null);
    return answer();
  }

  close(): void {
    this.socket.terminate();
  }
}

/** As the agent connects, with a change. */
export const connectParams = (token: string, change: object = {}): object => ({
  ...(real['connect.request.probe']!['params'] as object),
  client: { id: 'gateway-client', mode: 'backend', version: '0.1.0', platform: 'linux' },
  auth: { token },
  ...change,
});
