import { randomBytes } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { type Clock, instantAt } from '@app/kernel';
import type { DisconnectReason, Remote } from '../events/index.js';
import {
  type AgentFrame,
  CLOSE,
  type CloseReason,
  type Heartbeat,
  type Hello,
  type SaidCause,
  type ServerFrame,
  closeText,
  parseFrame,
} from '../tunnel.protocol.js';
import { RttTracker } from './rtt-tracker.js';
import type { TunnelTimes } from './times.js';

/** What an agent does not read is kept for it up to here; then it is a slow reader, and closed. */
const MAX_BUFFERED_BYTES = 1_048_576;
/** After so many frames of any kind, no more are read before the next tick. An agent that is well sends a handful. */
const FRAMES_A_TICK = 1_000;
/** So long a closed socket may take to end; then it is cut. */
const CLOSING_MS = 3_000;

/** How a tunnel ended, as this side knows. */
export interface End {
  readonly reason: DisconnectReason | 'superseded' | 'refused';
  /** Null: it ended without a word. */
  readonly closeCode: number | null;
  /** Of a goodbye: when it will be back; null: it did not say. */
  readonly backS: number | null;
}

/** Who is told what comes out of a tunnel. */
export interface TunnelEar {
  hello(tunnel: Tunnel, hello: Hello): void;
  /** After the welcome; no heartbeat, which the tunnel answers itself. */
  frame(tunnel: Tunnel, frame: Exclude<AgentFrame, Hello | Heartbeat>): void;
  /** Once, at the end, whoever ended it. */
  ended(tunnel: Tunnel, end: End): void;
  /** Once, after that: its socket is gone too. */
  gone(tunnel: Tunnel): void;
}

/**
 * One WebSocket of one agent.
 *
 *   challenged -- hello in time -----------------> opening -- welcome() -----> open
 *   challenged, open -- something not understood -> closed, 4400
 *   challenged -- no hello in time --------------> closed, 4408
 *   open -- nothing heard for the read deadline -> closed, 4408
 *   open -- what is sent is not read ------------> closed, 4429
 *   any -- close(), or the other side ----------> closed
 *
 * It has no timer of its own: `tick` is called every second. A heartbeat is answered here, and costs no more than that. What one agent
 * sends too fast waits in its own socket, so that the others are heard.
 */
export class Tunnel {
  readonly nonce = randomBytes(32).toString('base64url');
  readonly startedMs: number;
  readonly rtt: RttTracker;
  /** When anything was last heard, of any kind of frame. */
  heardMs: number;
  /** The newest heartbeat that was not taken from here. */
  beat: Heartbeat | null = null;
  /** How it ended; null: it has not. */
  end: End | null = null;
  private state: 'challenged' | 'opening' | 'open' | 'closed' = 'challenged';
  private closedMs = 0;
  private frames = 0;

  constructor(
    private readonly socket: WebSocket,
    readonly remote: Remote,
    private readonly clock: Clock,
    private readonly times: TunnelTimes,
    private readonly ear: TunnelEar,
  ) {
    this.startedMs = this.heardMs = clock.nowMs();
    this.rtt = new RttTracker((payload) => socket.ping(payload));
    socket.on('message', (data, isBinary) => this.heard(data, isBinary));
    socket.on('pong', (payload) => {
      this.hear();
      this.rtt.pong(payload, this.heardMs);
    });
    socket.on('ping', () => this.hear());
    socket.on('error', (error: Error & { code?: string }) => this.failed(error.code));
    socket.on('close', (code) => {
      this.finish({ reason: lastWord(code), closeCode: code === NO_CLOSE_FRAME ? null : code, backS: null });
      ear.gone(this);
    });
    this.send({ type: 'challenge', nonce: this.nonce });
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** From here on frames are taken. Does nothing when it ended in the meantime. */
  welcome(frame: ServerFrame & { type: 'welcome' }): void {
    if (this.state !== 'opening') return;
    this.state = 'open';
    this.send(frame);
    this.rtt.beat(this.clock.nowMs());
  }

  send(frame: ServerFrame): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  /** Ends it. `end`: what it is to be known as; the rest of this side is told before the socket has closed. */
  close(reason: CloseReason, end: End['reason'], retryAfterMs: number | null = null, why?: SaidCause): void {
    this.socket.close(CLOSE[reason].code, closeText(reason, retryAfterMs, why));
    this.finish({ reason: end, closeCode: CLOSE[reason].code, backS: null });
  }

  /** Cuts it, without a word. */
  terminate(): void {
    this.socket.terminate();
  }

  tick(nowMs: number): void {
    this.frames = 0;
    if (this.socket.isPaused) this.socket.resume();
    switch (this.state) {
      case 'challenged':
        if (nowMs - this.startedMs >= this.times.handshakeMs) this.close('read_deadline', 'refused');
        return;
      case 'opening':
        return;
      case 'open':
        if (nowMs - this.heardMs >= this.times.readDeadlineMs) return this.close('read_deadline', 'read_deadline');
        if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) return this.close('too_many', 'too_many');
        if (nowMs - this.rtt.sentMs >= this.times.pingMs) this.rtt.beat(nowMs);
        return;
      case 'closed':
        if (nowMs - this.closedMs >= CLOSING_MS) this.socket.terminate();
    }
  }

  /** This side slept: what it did not hear, it could not hear. */
  excuse(nowMs: number): void {
    this.heardMs = nowMs;
  }

  private hear(): void {
    this.heardMs = this.clock.nowMs();
    if (++this.frames >= FRAMES_A_TICK) this.socket.pause();
  }

  private heard(data: RawData, isBinary: boolean): void {
    this.hear();
    if (this.state === 'closed') return;
    const frame = isBinary ? { malformed: 'a frame is text' } : parseFrame((data as Buffer).toString());
    if ('malformed' in frame) return this.close('malformed', 'malformed');
    switch (frame.type) {
      case 'heartbeat':
        return this.state === 'open' ? this.answer(frame) : this.close('malformed', 'malformed');
      case 'hello':
        if (this.state !== 'challenged') return this.close('malformed', 'malformed');
        this.state = 'opening';
        return this.ear.hello(this, frame);
      case 'goodbye':
      case 'report':
      case 'report_full':
      case 'cost':
      case 'result':
      case 'error':
        if (this.state !== 'open') return this.close('malformed', 'malformed');
        if (frame.type === 'goodbye') return this.goodbye(frame.expected_back_s);
        return this.ear.frame(this, frame);
      case 'challenge':
      case 'welcome':
      case 'heartbeat_ack':
      case 'ack':
      case 'call': // What only a server says.
        return this.close('malformed', 'malformed');
    }
  }

  private answer(frame: Heartbeat): void {
    this.beat = frame;
    this.rtt.heartbeat(Date.parse(frame.sent_at), this.clock.wallMs());
    this.send({ type: 'heartbeat_ack', seq: frame.seq, received_at: instantAt(this.clock, this.heardMs) });
    if (this.socket.bufferedAmount > MAX_BUFFERED_BYTES) this.close('too_many', 'too_many');
  }

  private goodbye(backS: number | null): void {
    this.socket.close(CLOSE.goodbye.code, closeText('goodbye'));
    this.finish({ reason: backS === null ? 'goodbye' : 'restarting', closeCode: CLOSE.goodbye.code, backS });
  }

  /** `ws` closes by itself what breaks the rules of WebSocket. */
  private failed(code: string | undefined): void {
    if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.finish({ reason: 'too_big', closeCode: CLOSE.too_big.code, backS: null });
    else if (code?.startsWith('WS_ERR_') === true) this.finish({ reason: 'malformed', closeCode: null, backS: null });
    else this.finish({ reason: 'connection_lost', closeCode: null, backS: null });
  }

  private finish(end: End): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.end = end;
    this.closedMs = this.clock.nowMs();
    this.rtt.stop();
    this.ear.ended(this, end);
  }
}

/** What `ws` says when the connection ended without a close frame. */
const NO_CLOSE_FRAME = 1006;
const lastWord = (code: number): DisconnectReason => (code === NO_CLOSE_FRAME ? 'connection_lost' : 'closed_by_agent');
