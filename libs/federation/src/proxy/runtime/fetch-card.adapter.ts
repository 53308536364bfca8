import type { IncomingMessage } from 'node:http';
import { CARD_BYTES, type PlainHeaders } from '@app/a2a';
import type { CallReason } from '../../calls/events/call-reason.js';
import { CONNECT_MS } from './forward.adapter.js';
import { failureReason } from './failure-reason.js';
import type { ProxySockets } from './sockets.provider.js';

const CARD_MS = 10_000;

export interface FetchedCard {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** The card at `url`, as it came, or why it did not. Reads no more than a card may have, and follows no redirect. Never rejects. */
export function fetchCard(
  sockets: ProxySockets,
  url: URL,
  headers: PlainHeaders,
  patienceMs = CARD_MS,
): Promise<FetchedCard | { readonly failed: CallReason<'failed'> }> {
  return new Promise((resolve) => {
    const request = sockets.request(url, { method: 'GET', headers });
    let isConnected = false;
    const give = (outcome: FetchedCard | { readonly failed: CallReason<'failed'> }): void => {
      clearTimeout(late);
      clearTimeout(connecting);
      resolve(outcome);
      if ('failed' in outcome) request.destroy();
    };
    const late = setTimeout(() => give({ failed: 'timeout' }), patienceMs);
    const connecting = setTimeout(() => isConnected || give({ failed: 'timeout' }), CONNECT_MS);
    request.on('socket', (socket) => {
      isConnected = !socket.connecting;
      if (!isConnected) socket.once('connect', () => (isConnected = true));
    });
    request.on('error', (error) => give({ failed: failureReason(error, isConnected) }));
    request.on('response', (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > CARD_BYTES) give({ failed: 'answer_too_large' });
      });
      answer.on('end', () => give({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) }));
      answer.on('error', () => give({ failed: 'answer_cut' }));
    });
    request.end();
  });
}
