import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';

/** What is to be sent, and how long it may take. */
export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly lookup: LookupFunction;
  readonly connectTimeoutMs: number;
  readonly totalTimeoutMs: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface PostResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** From the open connection to the whole answer, by the monotonic clock. */
  readonly rttMs: number;
}

/** Nothing, or not all of it, came in time. */
class TimedOut extends Error {
  readonly code = 'ETIMEDOUT';
}

// A connection for each request: what is asked is also whether one can be made.
const http = new HttpAgent({ keepAlive: false });
const https = new HttpsAgent({ keepAlive: false });

/** One request, and its answer in full. Follows no redirect. Throws what the socket throws, `TimedOut`, and for an answer that is too long. */
export function sendPost({ url, headers, body, lookup, maxBytes, ...limits }: PostRequest): Promise<PostResponse> {
  const isSecure = url.protocol === 'https:';
  const { promise, resolve, reject } = Promise.withResolvers<PostResponse>();
  const length = { 'content-type': 'application/json', 'content-length': String(body.length) };
  const options = { method: 'POST', headers: { ...headers, ...length }, lookup, signal: limits.signal };
  const request = isSecure ? httpsRequest(url, { ...options, agent: https }) : httpRequest(url, { ...options, agent: http });
  let openedAt = performance.now();
  const connecting = setTimeout(() => request.destroy(new TimedOut('no connection')), limits.connectTimeoutMs);
  const whole = setTimeout(() => request.destroy(new TimedOut('no answer')), limits.totalTimeoutMs);
  request.on('socket', (socket) =>
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      clearTimeout(connecting);
      openedAt = performance.now();
    }),
  );
  request.on('response', (response) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    response.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxBytes) request.destroy(new Error('the answer is too long'));
      else parts.push(part);
    });
    response.on('error', reject);
    response.on('end', () => {
      const rttMs = performance.now() - openedAt;
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts), rttMs });
    });
  });
  request.on('error', reject);
  request.on('close', () => {
    clearTimeout(connecting);
    clearTimeout(whole);
    reject(new Error('the connection ended before the answer did')); // Nothing happens when it was answered.
  });
  request.end(body);
  return promise;
}
