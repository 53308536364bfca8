import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { socketUrl } from '../address.js';
import type { Clock } from '../clock.js';
import { type HelloFacts, type Method, READ_SCOPE, helloFacts } from './projection.js';

/** Why there is no session with a gateway. */
export interface Trouble {
  kind:
    | 'unauthorised'
    | 'pairing_required'
    | 'rate_limited'
    | 'protocol_mismatch'
    | 'starting'
    | 'restarting'
    | 'draining'
    | 'frozen'
    | 'broken';
  /** The gateway wants to be left alone so long. */
  retryAfterMs: number | null;
  /** By which a person approves this device on the gateway's machine. */
  requestId: string | null;
}
export interface SessionOptions {
  /** As `addressOf` has it. */
  url: string;
  token: string;
  version: string;
  clock: Clock;
}

const PROTOCOL = 4;
const HANDSHAKE_MS = 10_000;
const ANSWER_MS = 10_000;
/** What a gateway first counts up may take seconds, and longer on a machine that is busy. */
const COUNTED_MS = 30_000;
const LIMIT_MS: Readonly<Record<Method, number>> = { health: ANSWER_MS, 'usage.cost': COUNTED_MS, 'sessions.usage': COUNTED_MS };
const MAX_FRAME_BYTES = 8 << 20;

type Answer = { ok: true; payload: unknown } | { ok: false; trouble: Trouble };
const trouble = (kind: Trouble['kind'], retryAfterMs: number | null = null, requestId: string | null = null): Trouble => ({
  kind,
  retryAfterMs,
  requestId,
});

/**
 * A WebSocket session with an OpenClaw gateway, protocol 4, as an operator who asks for the scope to read and looks which were granted:
 * a gateway on another machine grants none, and does not say so otherwise. Open from hello-ok until `ended` resolves.
 * A gateway that lets two of its own ticks pass in silence is frozen: it still holds the connection. No Origin is sent: with one, a
 * gateway takes us for a page.
 */
export class OpenClawSession {
  hello: HelloFacts | null = null;
  private readonly socket: WebSocket;
  private readonly asked = new Map<string, (answer: Answer) => void>();
  private readonly opened = Promise.withResolvers<void>();
  private readonly over = Promise.withResolvers<Trouble>();
  private stopIdleTimer = (): void => undefined;
  private ids = 0;
  /** What the gateway said before it closed, which is more than the close says. */
  private refusal: Trouble | null = null;
  private isOver = false;

  constructor(private readonly options: SessionOptions) {
    this.socket = new WebSocket(socketUrl(options.url), { maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false, followRedirects: false });
    this.idleTimer(HANDSHAKE_MS);
    this.socket
      .on('message', (data) => this.receive(data as Buffer))
      .on('close', (code) => this.end(this.refusal ?? closeTrouble(code)))
      .on('unexpected-response', (_request, response) => this.turnedAway(response))
      .on('error', () => this.end(this.refusal ?? trouble('broken')));
  }

  /** Resolves when it has come to an end, to why. */
  get ended(): Promise<Trouble> {
    return this.over.promise;
  }

  /** Resolves when it is open, or has ended instead. */
  async ready(): Promise<void> {
    await Promise.race([this.opened.promise, this.over.promise]);
  }

  /** The payload of the answer; null: it was refused or did not come in time, or there is no such session any more. */
  async ask(method: Method, params: object = {}): Promise<unknown> {
    if (this.hello?.may.has(method) !== true) return null;
    const answer = await this.request(method, params, LIMIT_MS[method]);
    return answer.ok ? answer.payload : null;
  }

  close(): void {
    this.end(trouble('broken'));
    this.part();
  }

  /** Closes, and does not wait for ever for the other side to do so. */
  private part(): void {
    const stop = this.options.clock.after(ANSWER_MS, () => this.socket.terminate());
    this.socket.once('close', stop).close(1000);
  }

  private request(method: string, params: object, limitMs = ANSWER_MS): Promise<Answer> {
    if (this.isOver) return Promise.resolve({ ok: false, trouble: trouble('broken') });
    const id = `${++this.ids}`;
    return new Promise((resolve) => {
      const stop = this.options.clock.after(limitMs, () => settle({ ok: false, trouble: trouble('frozen') }));
      const settle = (answer: Answer): void => {
        stop();
        this.asked.delete(id);
        resolve(answer);
      };
      this.asked.set(id, settle);
      this.socket.send(JSON.stringify({ type: 'req', id, method, params }));
    });
  }

  private receive(data: Buffer): void {
    const frame = parsed(data);
    if (this.isOver || frame === null) return;
    this.idleTimer(this.hello === null ? HANDSHAKE_MS : 2 * this.hello.tickMs);
    if (frame['type'] === 'event' && frame['event'] === 'connect.challenge' && this.ids === 0) void this.connect();
    if (frame['type'] !== 'res' || typeof frame['id'] !== 'string') return;
    this.asked.get(frame['id'])?.(
      frame['ok'] === true ? { ok: true, payload: frame['payload'] } : { ok: false, trouble: errorTrouble(frame['error']) },
    );
  }

  private async connect(): Promise<void> {
    const { token, version } = this.options;
    const answer = await this.request('connect', {
      minProtocol: PROTOCOL,
      maxProtocol: PROTOCOL,
      client: { id: 'gateway-client', version, platform: process.platform, mode: 'backend' },
      role: 'operator',
      scopes: [READ_SCOPE],
      caps: [],
      auth: { token },
    });
    if (!answer.ok) {
      this.refusal = answer.trouble;
      return this.part();
    }
    this.hello = helloFacts(answer.payload);
    this.idleTimer(2 * this.hello.tickMs);
    this.opened.resolve();
  }

  private idleTimer(ms: number): void {
    this.stopIdleTimer();
    this.stopIdleTimer = this.options.clock.after(ms, () => {
      this.end(trouble('frozen'));
      this.socket.terminate();
    });
  }

  private turnedAway(response: IncomingMessage): void {
    response.destroy();
    this.end(trouble(response.statusCode === 503 ? 'draining' : 'broken'));
    this.socket.terminate();
  }

  private end(why: Trouble): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopIdleTimer();
    for (const settle of this.asked.values()) settle({ ok: false, trouble: why });
    this.over.resolve(why);
  }
}

function parsed(data: Buffer): Record<string, unknown> | null {
  try {
    const frame: unknown = JSON.parse(data.toString('utf8'));
    return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const MAX_WAIT_MS = 3_600_000;
const KINDS: Readonly<Record<string, Trouble['kind']>> = {
  AUTH_RATE_LIMITED: 'rate_limited',
  DEVICE_IDENTITY_REQUIRED: 'pairing_required',
  PAIRING_REQUIRED: 'pairing_required',
  PROTOCOL_MISMATCH: 'protocol_mismatch',
};

/** Its own words are not repeated; they may name what is nobody's business. */
function errorTrouble(error: unknown): Trouble {
  const { code, details, retryAfterMs } = (error ?? {}) as {
    code?: unknown;
    details?: { code?: unknown; requestId?: unknown } | null;
    retryAfterMs?: unknown;
  };
  const wait = typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? Math.min(retryAfterMs, MAX_WAIT_MS) : null;
  const id = details?.requestId;
  const requestId = typeof id === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(id) ? id : null;
  if (code === 'UNAVAILABLE') return trouble('starting', wait);
  const detail = typeof details?.code === 'string' ? details.code : '';
  // An INVALID_REQUEST without a code of its own is a connect that this gateway does not understand.
  return trouble(KINDS[detail] ?? (detail === '' ? 'protocol_mismatch' : 'unauthorised'), wait, requestId);
}

function closeTrouble(code: number): Trouble {
  const kinds: Readonly<Record<number, Trouble['kind']>> = {
    1002: 'protocol_mismatch',
    1008: 'unauthorised',
    1012: 'restarting',
    1013: 'starting',
  };
  return trouble(kinds[code] ?? 'broken');
}
