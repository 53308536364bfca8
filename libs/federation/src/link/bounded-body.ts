import type { IncomingMessage } from 'node:http';

/** The whole body; `too-long`: it is longer than that, and the rest is not read; `cut`: the connection ended before it did. */
export function boundedBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too-long' | 'cut'> {
  const { promise, resolve } = Promise.withResolvers<Buffer | 'too-long' | 'cut'>();
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve('too-long');
  const parts: Buffer[] = [];
  let bytes = 0;
  request.on('data', (part: Buffer) => {
    bytes += part.length;
    if (bytes <= maxBytes) return void parts.push(part);
    request.pause();
    resolve('too-long');
  });
  request.on('end', () => resolve(Buffer.concat(parts)));
  request.on('error', () => resolve('cut'));
  request.on('close', () => resolve('cut'));
  return promise;
}
