import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type AnswerReader, type PlainHeaders, answerReaderOf, backHeaders } from '@app/a2a';
import type { Instant } from '@app/kernel';
import type { CallEnding } from '../../calls/ports.js';
import type { CallReason } from '../../calls/events/call-reason.js';
import type { CarriedBody } from './carried-body.js';
import { failureReason } from './failure-reason.js';
import type { ProxySockets } from './sockets.provider.js';

export const CONNECT_MS = 5_000;
/** An agent may think for so long before it answers, and a caller that takes nothing is waited for as long. */
export const PATIENCE_MS = 600_000;
/** Routers forget connections on which nothing is said. */
export const PING_MS = 15_000;
const PING = ': ping\n\n';

/** A request as it goes on, and what is to be known of its answer. */
export interface Onward {
  readonly url: URL;
  readonly sockets: ProxySockets;
  readonly method: string;
  /** Asked at each send: what is signed is good for one. */
  readonly headers: () => PlainHeaders;
  /** Dropped when the answer begins: from then on it is not sent again. */
  readonly body: CarriedBody;
  /** Whether it only reads, so that it may be sent again when it did not arrive. */
  readonly isRead: boolean;
  /** How long a stream of events may be silent, ms. */
  readonly streamIdleMs: number;
  /** Why an answer is not for the caller; null: it is. */
  readonly refusalOf: (answer: Pick<IncomingMessage, 'statusCode' | 'headers'>) => CallReason<'failed'> | null;
  /** Which failure an answer tells of that passes on, beyond its HTTP status; null: none. */
  readonly failureOf?: (answer: IncomingMessage) => CallReason<'failed'> | null;
  /** `performance.now()` when the request came. */
  readonly startedMs: number;
}

/**
 * Sends a request on and passes the bytes of its answer back as they come. Resolves, to how it ended, when nothing of it is left; never
 * rejects. When no answer was begun the response is untouched: a fault is still to be said.
 *
 * connecting  for 5 s at most. What only reads is tried once more when it could not get there, or when the other side closed the kept
 *             connection that it was written to.
 * waiting     for the answer to begin, 10 minutes at most.
 * passing     each chunk at once, as fast as the caller takes it, with no limit to the whole. Where events end and nothing was said
 *             for 15 s, a comment says that we are there.
 * ended       by the end of the answer; by its breaking off, which destroys the caller's connection, since an orderly end would look
 *             like success; by the caller, which ends the request too and nothing else: the task is not cancelled; or by `withdrawn`,
 *             when it may go on no longer, which ends both sides as if they had broken off.
 */
export const forward = (response: ServerResponse, onward: Onward, withdrawn: AbortSignal): Promise<CallEnding> =>
  new ForwardedCall(response, onward, withdrawn).run();

class ForwardedCall {
  private readonly ended = Promise.withResolvers<CallEnding>();
  private isEnded = false;
  private request: ClientRequest | undefined;
  private isConnected = false;
  private isRetried = false;
  private answer: IncomingMessage | undefined;
  private reader: AnswerReader | undefined;
  private firstByteMs: number | null = null;
  private bytes = 0;
  private idleTimer: NodeJS.Timeout | undefined;
  private ping: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly onward: Onward,
    private readonly withdrawn: AbortSignal,
  ) {}

  run(): Promise<CallEnding> {
    const { response, withdrawn } = this;
    response.on('finish', () => this.delivered());
    response.on('close', () => this.callerGone());
    withdrawn.addEventListener('abort', () => this.withdraw());
    if (response.destroyed) this.callerGone();
    else if (withdrawn.aborted) this.withdraw();
    else this.send();
    return this.ended.promise;
  }

  private send(): void {
    const { url, method, headers } = this.onward;
    const body = this.onward.body.bytes;
    // Of a GET or DELETE Node does not say by itself that it has a body: what follows the headers would be read as the next request.
    const length = body.length === 0 ? {} : { 'content-length': String(body.length) };
    const request = this.onward.sockets.request(url, { method, headers: { ...headers(), ...length } });
    this.request = request;
    this.isConnected = false;
    this.patient(PATIENCE_MS);
    request.on('socket', (socket) => this.connect(request, socket));
    request.on('response', (answer) => this.begin(answer));
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      this.fail('answer_invalid');
    });
    request.on('error', (error) => this.broken(request, error));
    request.end(body.length === 0 ? undefined : body);
  }

  private connect(request: ClientRequest, socket: Socket): void {
    if (!socket.connecting) {
      this.isConnected = true;
      return;
    }
    const late = setTimeout(() => request.destroy(Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' })), CONNECT_MS);
    socket.once(this.onward.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      this.isConnected = true;
      clearTimeout(late);
    });
    socket.once('close', () => clearTimeout(late));
  }

  private broken(request: ClientRequest, error: Error): void {
    if (this.isEnded || request !== this.request) return;
    const neverArrived = !this.isConnected || (request.reusedSocket && this.answer === undefined);
    if (neverArrived && this.onward.isRead && !this.isRetried) {
      this.isRetried = true;
      this.send();
    } else this.fail(failureReason(error, this.isConnected));
  }

  private begin(answer: IncomingMessage): void {
    this.answer = answer;
    this.onward.body.drop();
    this.firstByteMs = performance.now() - this.onward.startedMs;
    const { status } = this;
    const isRedirect = status !== null && status >= 300 && status < 400 && status !== 304;
    const refusal = this.onward.refusalOf(answer) ?? (isRedirect ? 'answer_invalid' : null);
    if (refusal !== null || status === null) return this.fail(refusal ?? 'answer_invalid');
    this.reader = answerReaderOf(answer.headers);
    const headers = backHeaders(answer.headers);
    if (this.reader.isStream) this.beginStream(status, headers);
    else this.response.writeHead(status, headers);
    answer.on('data', (chunk: Buffer) => this.pass(chunk));
    answer.on('end', () => this.response.end());
    answer.on('error', () => this.fail('answer_cut'));
    answer.on('close', () => {
      if (!answer.complete) this.fail('answer_cut');
    });
  }

  /** Its headers go at once: there may be no event for long. */
  private beginStream(status: number, headers: PlainHeaders): void {
    delete headers['content-length'];
    this.response.writeHead(status, { ...headers, 'cache-control': 'no-cache', 'x-accel-buffering': 'no' });
    this.response.flushHeaders();
    this.patient(this.onward.streamIdleMs);
    this.ping = setTimeout(() => this.sayWeAreThere(), PING_MS);
  }

  private pass(chunk: Buffer): void {
    const { answer, response } = this;
    this.bytes += chunk.length;
    this.reader?.push(chunk);
    this.idleTimer?.refresh();
    this.ping?.refresh();
    if (response.write(chunk)) return;
    answer?.pause();
    this.patient(PATIENCE_MS, () => this.abort('caller_gone')); // It is there, and takes nothing.
    response.once('drain', () => {
      this.patient(this.reader?.isStream === true ? this.onward.streamIdleMs : PATIENCE_MS);
      answer?.resume();
    });
  }

  private sayWeAreThere(): void {
    if (this.reader?.isBetweenEvents === true && !this.response.writableNeedDrain && !this.response.writableEnded)
      this.response.write(PING);
    this.ping?.refresh();
  }

  /** Waits for the next word of the other side, for so long at most. */
  private patient(ms: number, then: () => void = () => this.fail('timeout')): void {
    clearTimeout(this.idleTimer);
    this.idleTimer = this.isEnded ? undefined : setTimeout(then, ms);
  }

  /** Of the answer; null: there is none yet, or it has one that HTTP does not know and Node would not write. */
  private get status(): number | null {
    const { statusCode = 0 } = this.answer ?? {};
    return statusCode >= 200 && statusCode <= 599 ? statusCode : null;
  }

  private delivered(): void {
    if (this.answer === undefined) return; // It was not the answer that was delivered.
    const read = this.reader?.read();
    const http_status = this.status;
    const isHttpError = (http_status ?? 0) >= 400;
    if (read?.isError === true || isHttpError) {
      const reason = this.onward.failureOf?.(this.answer) ?? (isHttpError ? 'http_error' : 'rpc_error');
      this.end({ outcome: 'failed', reason, http_status, rpc_error_code: read?.rpcErrorCode ?? null });
    } else this.end({ outcome: 'completed', http_status: http_status ?? 200 });
  }

  private callerGone(): void {
    if (!this.response.writableFinished) this.abort(this.onward.sockets.isClosing ? 'shutting_down' : 'caller_gone');
  }

  /** Also where no answer was begun: a fault would say that nothing was done, and the request may have arrived. */
  private withdraw(): void {
    if (this.isEnded) return;
    this.abort('right_withdrawn');
    this.response.destroy();
  }

  private abort(reason: CallReason<'aborted'>): void {
    this.end({ outcome: 'aborted', reason, http_status: this.status });
  }

  private fail(reason: CallReason<'failed'>): void {
    this.end({ outcome: 'failed', reason, http_status: this.status, rpc_error_code: null });
  }

  private end(how: Outcome): void {
    if (this.isEnded) return;
    this.isEnded = true;
    clearTimeout(this.idleTimer);
    clearTimeout(this.ping);
    const isWhole = this.answer?.complete === true && this.response.writableFinished;
    if (!isWhole) this.request?.destroy();
    if (!isWhole && this.response.headersSent) this.response.destroy();
    this.ended.resolve({ ...how, ...this.measured() });
  }

  private measured(): Pick<CallEnding, Measures> {
    const read = this.reader?.read();
    return {
      ended_at: new Date().toISOString() as Instant,
      first_byte_ms: this.firstByteMs,
      total_ms: performance.now() - this.onward.startedMs,
      response_bytes: this.bytes,
      sse_events: read?.sseEvents ?? null,
      task_id: read?.taskId ?? null,
      context_id: read?.contextId ?? null,
    };
  }
}

type Measures = 'ended_at' | 'first_byte_ms' | 'total_ms' | 'response_bytes' | 'sse_events' | 'task_id' | 'context_id';
/** What of an ending is not measured. */
type Outcome = CallEnding extends infer Each ? (Each extends unknown ? Omit<Each, Measures> : never) : never;
