import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { type GatewayError, METHODS, real } from './frames.js';

/** The tokens a gateway takes, and the scopes each may be granted when they are asked for. Anything else is a wrong token. */
type Tokens = Record<string, readonly string[]>;

interface ConnectParams {
  minProtocol?: number;
  maxProtocol?: number;
  client?: { id?: string; mode?: string; version?: string; platform?: string };
  scopes?: string[];
  auth?: { token?: string };
  device?: object;
}
interface Request {
  type?: string;
  id?: string;
  method?: string;
  params?: unknown;
}

const PROTOCOL = 4;
const CLIENTS = ['gateway-client', 'openclaw-probe', 'cli', 'openclaw-control-ui'];
/** Wrong tokens from one address, before it is locked. */
const LOCKED_AFTER = 10;

/** The WebSocket side of a gateway. Its words are those of a real one; which it says when, is as observed there. */
export class FakeSockets {
  tokens: Tokens = {};
  isStarting = false;
  /** Accepts connections and frames, and says nothing more. */
  isMute = false;
  /** What it says to every connect. */
  refusesWith: GatewayError | null = null;
  /** What a method answers, where it is not what the real one did. */
  readonly answers: Record<string, unknown> = {};
  /** Methods that it takes for unknown, as an older release does. */
  readonly refused = new Set<string>();
  /** By method, what an answer waits for. */
  readonly late: Record<string, Promise<unknown>> = {};
  /** What it calls itself, and says of itself, in hello-ok: fields of the real one replaced. */
  hello: Record<string, unknown> = {};
  /** How many asked for a WebSocket. */
  upgrades = 0;
  /** Requests, with the headers their connection came with. */
  readonly asked: { method: string; params: unknown; headers: IncomingMessage['headers'] }[] = [];
  private wrongTokens = 0;
  private readonly held = new Set<Duplex>();
  private readonly isHeld = Promise.withResolvers<void>();
  private readonly server = new WebSocketServer({ noServer: true });

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.server.handleUpgrade(request, socket, head, (client) => this.greet(client, request.headers));
  }

  /** A connection that is never answered. */
  hold(socket: Duplex): void {
    this.held.add(socket);
    this.isHeld.resolve();
    socket.once('close', () => this.held.delete(socket)).on('error', () => undefined);
  }

  /** Resolves when a connection is held. */
  holding(): Promise<void> {
    return this.isHeld.promise;
  }

  /** As after too many wrong tokens. */
  lock(): void {
    this.wrongTokens = LOCKED_AFTER;
  }

  unlock(): void {
    this.wrongTokens = 0;
  }

  get connected(): number {
    return this.server.clients.size;
  }

  /** As a real one does every 30 s. */
  tick(): void {
    this.say({ ...real['event.tick'], payload: { ts: Date.now() } });
  }

  /** As at a restart: a word, then 1012. */
  restart(): void {
    this.say(real['event.shutdown']);
    for (const client of this.server.clients) client.close(...real['close.codes']['graceful stop/restart']!);
  }

  /** Without a word. */
  cut(): void {
    for (const client of this.server.clients) client.terminate();
    for (const socket of this.held) socket.destroy();
  }

  private say(frame: unknown): void {
    for (const client of this.server.clients) client.send(JSON.stringify(frame));
  }

  private greet(client: WebSocket, headers: IncomingMessage['headers']): void {
    const payload = { ...(real['connect.challenge']!['payload'] as object), nonce: randomUUID(), ts: Date.now() };
    if (!this.isMute) client.send(JSON.stringify({ ...real['connect.challenge'], payload }));
    let scopes: readonly string[] | null = null;
    client
      .on('error', () => undefined)
      .on('message', (data) => {
        const request = JSON.parse((data as Buffer).toString('utf8')) as Request;
        this.asked.push({ method: request.method ?? '', params: request.params, headers });
        if (this.isMute) return;
        if (scopes !== null) return this.answer(client, request, scopes);
        const refused = this.refusal(request, headers);
        if (refused !== null) return refuse(client, request.id, refused);
        scopes = this.granted(request.params as ConnectParams);
        client.send(JSON.stringify({ type: 'res', id: request.id, ok: true, payload: this.helloOk(scopes) }));
      });
  }

  /** Scopes are what is asked for, as far as they are allowed. Without a device only a backend client on this machine gets any. */
  private granted({ auth, client, scopes = [], device }: ConnectParams): readonly string[] {
    const isBackend = client?.id === 'gateway-client' && client.mode === 'backend';
    const allowed = isBackend || device !== undefined ? this.tokens[auth!.token!]! : [];
    return scopes.filter((scope) => allowed.includes(scope));
  }

  private helloOk(scopes: readonly string[]): object {
    return { ...real['hello-ok.payload'], auth: { method: 'token', role: 'operator', scopes }, ...this.hello };
  }

  /** The error and close of a connect that is not taken; null: it is. The order is that of a real gateway. */
  private refusal({ method, params }: Request, headers: IncomingMessage['headers']): Refusal | null {
    const { errors } = real;
    const close = real['close.codes'];
    if (this.isStarting) return { error: errors['STARTING']!, close: close['starting']! };
    if (this.refusesWith !== null) return refusal(this.refusesWith);
    const { minProtocol = 0, maxProtocol = 0, client, auth, device } = (params ?? {}) as ConnectParams;
    if (method !== 'connect' || !CLIENTS.includes(client?.id ?? '')) return refusal(errors['INVALID client id']!);
    if (minProtocol > PROTOCOL || maxProtocol < PROTOCOL) return { error: errors['PROTOCOL_MISMATCH']!, close: close['protocol']! };
    if (headers.origin !== undefined) return refusal(errors['CONTROL_UI_ORIGIN_NOT_ALLOWED']!);
    if (this.wrongTokens >= LOCKED_AFTER) return refusal(errors['AUTH_RATE_LIMITED']!);
    if (auth?.token === undefined) return refusal(errors[device === undefined ? 'DEVICE_IDENTITY_REQUIRED' : 'AUTH_TOKEN_MISSING']!);
    if (!Object.hasOwn(this.tokens, auth.token)) {
      this.wrongTokens++;
      return refusal(errors['AUTH_TOKEN_MISMATCH']!);
    }
    return null;
  }

  private answer(client: WebSocket, { id, method = '' }: Request, scopes: readonly string[]): void {
    const known = this.refused.has(method) ? undefined : METHODS[method];
    const may = known !== undefined && (known.scope === null || scopes.includes(known.scope));
    const error = real.errors[known === undefined ? 'UNKNOWN_METHOD' : 'MISSING_SCOPE'];
    const payload = may ? (this.answers[method] ?? real[known.answer]) : undefined;
    const frame = JSON.stringify(may ? { type: 'res', id, ok: true, payload } : { type: 'res', id, ok: false, error });
    if (this.late[method] === undefined) client.send(frame);
    else void this.late[method].then(() => client.send(frame));
  }
}

interface Refusal {
  error: GatewayError;
  close: [number, string];
}

/** Closed with what the error says. */
const refusal = (error: GatewayError): Refusal => ({
  error,
  close: [real['close.codes']['auth/params/pairing']![0], error.message ?? ''],
});

function refuse(client: WebSocket, id: string | undefined, { error, close }: Refusal): void {
  client.send(JSON.stringify({ type: 'res', id, ok: false, error }));
  client.close(...close);
}
