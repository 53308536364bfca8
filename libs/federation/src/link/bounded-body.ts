import type { IncomingMessage } from 'node:http';
import type { BodyShare } from './body-budget.js';

/** What Node 24 keeps of each part besides its bytes, as measured with one byte in each, and rounded up: a sender chooses the parts. */
const PART_BYTES = 768;

type Ended = 'too-long' | 'cut';

/**
 * The whole body; `too-long`: it is longer than that, and the rest is not read; `cut`: the connection ended before it did; `no-room`:
 * its share has none left, and the rest is not read. What is not answered is not kept. How long it may take is the listener's to say: it
 * cuts a request that is not here whole after a minute.
 */
export function boundedBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | Ended>;
export function boundedBody(request: IncomingMessage, maxBytes: number, share: BodyShare): Promise<Buffer | Ended | 'no-room'>;
export function boundedBody(request: IncomingMessage, maxBytes: number, share?: BodyShare): Promise<Buffer | Ended | 'no-room'> {
  const { promise, resolve } = Promise.withResolvers<Buffer | Ended | 'no-room'>();
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too-long');
  const parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > maxBytes) return stop('too-long');
    if (share?.take(part.length + PART_BYTES) === false) return stop('no-room');
    parts.push(part);
  };
  const end = (outcome: Buffer | Ended | 'no-room'): void => {
    request.off('data', take);
    parts.length = 0;
    resolve(outcome);
  };
  const stop = (why: 'too-long' | 'no-room'): void => {
    request.pause();
    end(why);
  };
  request.on('data', take);
  request.on('end', () => end(Buffer.concat(parts)));
  request.on('error', () => end('cut'));
  request.on('close', () => end('cut'));
  return promise;
}
