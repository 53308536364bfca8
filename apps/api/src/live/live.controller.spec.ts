import { EventEmitter } from 'node:events';
import { jest } from '@jest/globals';
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
  const listen = (isStillIn: () => Promise<boolean>, method = 'GET'): void => {
    const feed = { frames: new Subject(), position: 'f1' } as unknown as LiveFeed;
    const reply = { hijack: () => undefined, raw: reader as never };
    new LiveController(feed).stream({}, undefined, { caller: { isStillIn } as unknown as Caller, method }, reply);
  };
  const comments = (): number => reader.written.filter((text) => text.startsWith(':')).length;

  beforeEach(() => {
    jest.useFakeTimers();
    reader = new Reader();
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

  it('ends at once for a HEAD, and is not heard', () => {
    listen(async () => true, 'HEAD');
    expect([reader.writableEnded, reader.written, jest.getTimerCount()]).toEqual([true, [], 0]);
  });

  it('keeps no timer when its reader goes', () => {
    listen(async () => true);
    expect(jest.getTimerCount()).toBeGreaterThan(0);
    reader.emit('close');
    expect(jest.getTimerCount()).toBe(0);
  });
});
