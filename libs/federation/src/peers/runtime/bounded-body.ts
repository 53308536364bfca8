import type { IncomingMessage } from 'node:http';
import type { BodyShare } from './body-budget.js';

/** Enough for most requests; where it is not, twice as much, and so on. */
const FIRST_BYTES = 4 * 1024;

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
  let settle: typeof resolve | undefined = resolve;
  const announced = Number(request.headers['content-length'] ?? maxBytes);
  if (announced > maxBytes) return Promise.resolve('too-long');
  const body = new Growing(announced, share);
  const take = (part: Buffer): void => {
    if (body.length + part.length > maxBytes) stop('too-long');
    else if (!body.add(part)) stop('no-room');
  };
  const end = (outcome: Buffer | Ended | 'no-room'): void => {
    request.off('data', take);
    body.drop();
    settle?.(outcome);
    settle = undefined; // What listens to the request stays for as long as its answer lasts, and must not keep the body for so long.
  };
  const stop = (why: 'too-long' | 'no-room'): void => {
    request.pause();
    end(why);
  };
  request.on('data', take);
  request.on('end', () => end(body.bytes));
  request.on('error', () => end('cut'));
  request.on('close', () => end('cut'));
  return promise;
}

/** Parts in one piece of memory. Each is copied: it would keep hundreds of bytes beside its own, and a sender chooses how many parts. */
class Growing {
  length = 0;
  private held = Buffer.alloc(0);

  /** `expected`: how long it is, or may at most become. */
  constructor(
    private readonly expected: number,
    private readonly share: BodyShare | undefined,
  ) {}

  /** Whether there was room for it. */
  add(part: Buffer): boolean {
    if (!this.reaches(this.length + part.length)) return false;
    part.copy(this.held, this.length);
    this.length += part.length;
    return true;
  }

  get bytes(): Buffer {
    return this.held.subarray(0, this.length);
  }

  drop(): void {
    this.held = Buffer.alloc(0);
    this.length = 0;
  }

  private reaches(length: number): boolean {
    if (length <= this.held.length) return true;
    const size = Math.max(length, Math.min(this.expected, Math.max(FIRST_BYTES, 2 * this.held.length)));
    if (this.share?.take(size - this.held.length) === false) return false;
    const larger = Buffer.allocUnsafeSlow(size); // Of its own, not a piece of one that others keep.
    this.held.copy(larger);
    this.held = larger;
    return true;
  }
}
