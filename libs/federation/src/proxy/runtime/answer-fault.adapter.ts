import type { IncomingMessage, ServerResponse } from 'node:http';
import { faultBody } from '@app/a2a';
import { RETRY_AFTER_S } from '@app/http';

import { type ProxyFault, faultOf } from './faults.js';

/** Enough for any message of A2A that does not carry its files with it. */
export const BODY_BYTES = 1024 * 1024;

/** By this header one proxy tells the next that an answer is its own, and not the agent's. What comes from an agent never has it. */
export const FAULT_HEADER = 'x-cb-fault';

export interface FaultStyle {
  /** The JSON text of the id of the JSON-RPC request that is answered, null for one without; undefined: it was no JSON-RPC. */
  readonly rpcId?: string | null | undefined;
  /** Whether a peer is answered, which is to tell our answers from the agent's. */
  readonly toPeer: boolean;
}

/** Answers with a fault of ours, as the request would have it: an error of JSON-RPC, or a problem. Nothing, when the caller has gone. */
export function answerFault(response: ServerResponse, fault: ProxyFault, { rpcId, toPeer }: FaultStyle): void {
  if (response.destroyed || response.headersSent) return;
  const { code, title, status, detail, next } = fault;
  const isRpc = rpcId !== undefined;
  const body = isRpc ? faultBody(fault, rpcId) : JSON.stringify({ type: `urn:problem:${code}`, title, status, code, detail, next });
  response.writeHead(status, {
    'content-type': isRpc ? 'application/json' : 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 503 || status === 429 ? { 'retry-after': String(fault.retryAfterS ?? RETRY_AFTER_S) } : {}),
    ...(toPeer ? { [FAULT_HEADER]: code } : {}),
    ...(status === 401 && !toPeer ? { 'www-authenticate': 'Bearer realm="clawbutler"' } : {}),
  });
  response.end(body);
}

/** What is still on its way is read and dropped: a connection that is closed on it would take the answer with it. */
export function answerTooLarge(request: IncomingMessage, response: ServerResponse, style: FaultStyle): void {
  answerFault(response, faultOf('federation.body-too-large'), style);
  request.resume();
}
