import { EventEmitter } from 'node:events';
import { Subject } from 'rxjs';
import type { Caller } from '@app/http';
import { LiveController } from './live.controller.js';
import type { LiveFeed } from './live-feed.js';

/** The socket of a reader. */
class Reader extends EventEmitter {
  readonly written: string[] = [];
  writableEnded = false;
  destroyed = false;
  writableLength = 0;
  writeHead(): void {}
  write(text: string): void {
    this.written.push(text);
  }
  end(): void {
    this.writableEnded = true;
    this.emit('close');
  }
}

describe('the stream of the page', () => {
  let reader: Reader;
  let controller: LiveController;
  const listening = new Set<() => void>();
  const listen = (isStillIn: () => Promise<boolean>, actor = 'token:t-1', raw = reader, method = 'GET'): void => {
    const reply = { hijack: () => undefined, raw: raw as never };
    const onEnd = (ended: () => void) => {
      listening.add(ended);
      return () => void listening.delete(ended);
    };
    controller.stream({}, undefined, { caller: { actor, isStillIn, onEnd } as unknown as Caller, method }, reply);
  };
  const stays = async (): Promise<boolean> => true;
  const comments = (): number => reader.written.filter((text) => text.startsWith(':')).length;

  beforeEach(() => {
    jest.useFakeTimers();
    reader = new Reader();
    controller = new LiveController({ frames: new Subject(), position: 'f1' } as unknown as LiveFeed);
    listening.clear();
  });
  afterEach(() => {
    reader.emit('close');
    jest.useRealTimers();
  });

  it('is heard twice within the 10 s after which a page is stale, whoever does not say who may listen', async () => {
    listen(() => new Promise(() => undefined));
    await jest.advanceTimersByTimeAsync(10_000);
    expect(comments()).toBeGreaterThanOrEqual(2);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(comments()).toBeGreaterThanOrEqual(14);
  });

  it('goes on while it cannot be found out whether its reader may listen', async () => {
    listen(() => Promise.reject(new Error('PostgreSQL does not answer')));
    await jest.advanceTimersByTimeAsync(60_000);
    expect(reader.writableEnded).toBe(false);
  });

  it('ends when its reader may listen no more', async () => {
    let isIn = true;
    listen(async () => isIn);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(reader.writableEnded).toBe(false);
    isIn = false;
    await jest.advanceTimersByTimeAsync(20_000);
    expect(reader.writableEnded).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends as soon as it is told that the right of its reader has ended, and asks nobody', () => {
    listen(() => Promise.reject(new Error('PostgreSQL does not answer')));
    for (const ended of listening) ended();
    expect(reader.writableEnded).toBe(true);
    expect([listening.size, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('has a share for each reader: one of them cannot take the places of others', () => {
    const readers = Array.from({ length: 25 }, () => new Reader());
    for (const one of readers) listen(stays, 'token:greedy', one);
    const refused = (actor: string): unknown => {
      try {
        listen(stays, actor);
      } catch (error) {
        return (error as { problem: object }).problem;
      }
      return null;
    };
    expect(refused('token:greedy')).toMatchObject({
      ...{ status: 429, code: 'stream.too-many' },
      ...{ detail: 'token:greedy listens 25 times already, which is its share.', next: expect.any(String) },
    });
    expect(refused('session:other')).toBeNull();
    readers[0]?.emit('close');
    expect(refused('token:greedy')).toBeNull(); // A place that was given back is free.
    for (const one of readers) one.emit('close');
  });

  it('ends at once for a HEAD, and is not heard', () => {
    listen(stays, 'token:t-1', reader, 'HEAD');
    expect([reader.writableEnded, reader.written, listening.size, jest.getTimerCount()]).toEqual([true, [], 0, 0]);
  });

  it('keeps no timer when its reader goes', () => {
    listen(async () => true);
    expect(jest.getTimerCount()).toBeGreaterThan(0);
    reader.emit('close');
    expect(jest.getTimerCount()).toBe(0);
  });
});
