import type { KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import {
  type AgentFrame,
  CLOSE,
  CLOSE_CAUSES,
  type Challenge,
  type CloseReason,
  type GOODBYE_REASONS,
  type Hello,
  LIMITS,
  SUBPROTOCOL,
  type SaidCause,
  type ServerFrame,
  TUNNEL_PATH,
  type Welcome,
  closeText,
  parseFrame,
  readClose,
  signHello,
} from '../../../libs/edge/src/tunnel.protocol.js';
import { socketUrl } from './address.js';
import type { Clock } from './clock.js';

export type GoodbyeReason = (typeof GOODBYE_REASONS)[number];
/** How a connection ended. */
export interface Ending {
  /** null: it was lost, or never made. */
  reason: CloseReason | null;
  retryAfterMs: number | null;
  /** Since the welcome; 0: there was none. */
  stoodMs: number;
  sentence: string;
  /** What the server says of the cause beyond the reason. */
  why?: SaidCause;
}
export interface TunnelListener {
  welcomed(welcome: Welcome): void;
  /** What comes after the welcome, heartbeats aside. */
  heard(frame: Exclude<ServerFrame, Welcome | Challenge | { type: 'heartbeat_ack' }>): void;
  ended(ending: Ending): void;
  /** Something was not sent, since the other end would close the tunnel over it: what is wrong with it, in words that hold nothing of it. */
  unsent(why: string): void;
}
export interface Dial {
  /** As `addressOf` has it. */
  server: string;
  key: KeyObject;
  /** All of a hello but its signature. */
  hello(): Omit<Hello, 'type' | 'signature'>;
}

const NEXT_STEP: Partial<Record<CloseReason, string>> = {
  unauthorised: 'see that this is the server the agent joined; or join again: edge-agent leave, then edge-agent join',
  revoked: 'to let it back in, make a join token there; then edge-agent leave, and edge-agent join',
  no_common_protocol: 'update the agent, or the server',
  superseded: 'look for a copy of the state directory that runs elsewhere; each agent needs one of its own',
};

/** What mends an ending that only a person can mend; undefined: it mends itself. */
export function nextStep({ reason, why }: Pick<Ending, 'reason' | 'why'>): string | undefined {
  switch (why?.cause) {
    case 'wrong_address':
    case 'address_ended':
      return why.address === undefined
        ? 'move the agent to the address of its server: edge-agent server <url>'
        : `move the agent to the address of its server: edge-agent server ${why.address}`;
    case 'duplicate_identity':
      return 'look for a copy of the state directory that runs elsewhere; the server shows the names of both hosts. Remove one copy: edge-agent leave';
    case 'held':
      return 'ask an admin of the server to release it: ap infrastructure edge release';
    case undefined:
      return reason === null ? undefined : NEXT_STEP[reason];
  }
}

const CLOSE_MS = 2_000;
/** A clock that is decades off says nothing of the other. */
const MAX_OFFSET_MS = 1e12;

/**
 * One connection. It waits for the server's challenge, answers it signed, and is open from the welcome on; then it sends a heartbeat
 * at the interval the welcome names, the first one at once. Any frame of the server, its pings included, puts the deadline off; when
 * that passes, or what comes is no frame, it closes. It ends once, by whichever comes first, and says so to `ended`.
 */
export class Tunnel {
  rttMs: number | null = null;
  offsetMs: number | null = null;
  private readonly socket: WebSocket;
  private welcomedAt: number | null = null;
  private stopDeadline = (): void => undefined;
  private stopHeartbeat = (): void => undefined;
  private beats = 0;
  private beat: { seq: number; atMs: number; wallMs: number } | null = null;
  private isOver = false;
  private readonly over = Promise.withResolvers<void>();

  constructor(
    private readonly dial: Dial,
    private readonly clock: Clock,
    private readonly listener: TunnelListener,
  ) {
    this.socket = new WebSocket(socketUrl(dial.server) + TUNNEL_PATH, SUBPROTOCOL, {
      maxPayload: LIMITS.frameBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.within(LIMITS.handshakeMs);
    this.socket
      .on('message', (data, isBinary) => this.receive(data as Buffer, isBinary))
      .on('ping', () => this.alive())
      .on('close', (code, text) => this.closed(code, text.toString()))
      .on('unexpected-response', (_request, response) => this.turnedAway(response))
      .on('error', (error) =>
        this.end({ reason: null, retryAfterMs: null, sentence: `${dial.server} cannot be reached: ${error.message}.` }),
      );
  }

  get isOpen(): boolean {
    return this.welcomedAt !== null && !this.isOver;
  }

  send(frame: AgentFrame): void {
    if (this.isOver) return;
    const text = JSON.stringify(frame);
    const read = parseFrame(text);
    if ('malformed' in read) this.listener.unsent(read.malformed);
    else this.socket.send(text);
  }

  /** Says that it goes, and resolves when the connection is closed. */
  async goodbye(reason: GoodbyeReason, expected_back_s: number | null): Promise<void> {
    if (this.isOpen) this.send({ type: 'goodbye', reason, expected_back_s });
    this.close('goodbye');
    await this.over.promise;
  }

  private receive(data: Buffer, isBinary: boolean): void {
    if (this.isOver) return;
    const frame = isBinary ? { malformed: 'a frame is text' } : parseFrame(data.toString('utf8'));
    if ('malformed' in frame) return this.refuse(frame.malformed);
    this.alive();
    switch (frame.type) {
      case 'challenge':
        return this.welcomedAt === null ? this.answer(frame.nonce) : this.refuse('a challenge comes once');
      case 'welcome':
        return this.welcomedAt === null ? this.open(frame) : this.refuse('a welcome comes once');
      case 'heartbeat_ack':
        return this.measure(frame.seq, frame.received_at);
      case 'ack':
      case 'call':
      case 'error':
        return this.welcomedAt === null ? this.refuse(`a ${frame.type} comes after the welcome`) : this.listener.heard(frame);
      case 'hello':
      case 'heartbeat':
      case 'report':
      case 'report_full':
      case 'cost':
      case 'goodbye':
      case 'result':
        return this.refuse(`a ${frame.type} is for the server`);
    }
  }

  private answer(nonce: string): void {
    const hello = this.dial.hello();
    const signature = signHello(this.dial.key, {
      nonce,
      agent_id: hello.agent_id,
      boot_id: hello.boot_id,
      authority: new URL(this.dial.server).host,
    });
    this.send({ type: 'hello', ...hello, signature });
    this.within(LIMITS.handshakeMs);
  }

  private open(welcome: Welcome): void {
    this.welcomedAt = this.clock.monotonic();
    this.alive();
    this.listener.welcomed(welcome);
    const beat = (): void => {
      if (this.isOver) return;
      this.heartbeat();
      this.stopHeartbeat = this.clock.after(welcome.heartbeat_s * 1000, beat);
    };
    beat();
  }

  private heartbeat(): void {
    this.beat = { seq: ++this.beats, atMs: this.clock.monotonic(), wallMs: this.clock.now() };
    const sent_at = new Date(this.beat.wallMs).toISOString();
    this.send({ type: 'heartbeat', seq: this.beats, sent_at, rtt_ms: this.rttMs, clock_offset_ms: this.offsetMs });
  }

  /** As NTP does: the answer was made half a round trip after the question. */
  private measure(seq: number, receivedAt: string): void {
    if (this.beat?.seq !== seq) return;
    this.rttMs = Math.round((this.clock.monotonic() - this.beat.atMs) * 1000) / 1000;
    const offsetMs = Math.round(Date.parse(receivedAt) - (this.beat.wallMs + this.rttMs / 2));
    this.offsetMs = Math.abs(offsetMs) <= MAX_OFFSET_MS ? offsetMs : null;
  }

  private alive(): void {
    if (this.welcomedAt !== null && !this.isOver) this.within(LIMITS.readDeadlineMs);
  }

  private within(ms: number): void {
    this.stopDeadline();
    this.stopDeadline = this.clock.after(ms, () => {
      this.end({ reason: null, retryAfterMs: null, sentence: `Nothing was heard of ${this.dial.server} for ${ms / 1000} s.` });
      this.socket.terminate();
    });
  }

  private refuse(why: string): void {
    this.end({ reason: null, retryAfterMs: null, sentence: `${this.dial.server} sent what is not understood: ${why}.` });
    this.close('malformed');
  }

  /** Closes, and does not wait long for the other side to do so. */
  private close(reason: CloseReason): void {
    if (this.socket.readyState === WebSocket.CONNECTING) return this.socket.terminate();
    const stop = this.clock.after(CLOSE_MS, () => this.socket.terminate());
    this.socket.once('close', stop).close(CLOSE[reason].code, closeText(reason));
  }

  private closed(code: number, text: string): void {
    const { reason, retryAfterMs, why } = readClose(code, text);
    const lost = code === 1006 ? 'The connection broke.' : `The connection was closed (${code}).`;
    const said = reason === null ? lost : why === undefined ? CLOSE[reason].sentence : CLOSE_CAUSES[why.cause].sentence;
    this.end({ reason, retryAfterMs, sentence: said, ...(why === undefined ? {} : { why }) });
    this.over.resolve();
  }

  /** The server answered the upgrade with something else: 503 with a time to come back, for one. */
  private turnedAway(response: IncomingMessage): void {
    response.destroy();
    const { statusCode = 0, headers } = response;
    const seconds = Number(headers['retry-after']);
    const isLater = statusCode === 503 || statusCode === 429;
    const retryAfterMs = isLater && seconds > 0 ? Math.min(seconds * 1000, LIMITS.retryAfterMaxMs) : null;
    this.end({
      reason: isLater ? 'unavailable' : null,
      retryAfterMs,
      sentence: `${this.dial.server} answered ${statusCode} where a tunnel was asked for.`,
    });
    this.socket.terminate();
  }

  private end(ending: Omit<Ending, 'stoodMs'>): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopDeadline();
    this.stopHeartbeat();
    if (this.socket.readyState === WebSocket.CLOSED) this.over.resolve();
    this.listener.ended({ ...ending, stoodMs: this.welcomedAt === null ? 0 : this.clock.monotonic() - this.welcomedAt });
  }
}
