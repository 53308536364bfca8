import type { ServerResponse } from 'node:http';
import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import type { Instant } from '@app/kernel';
import { type Frame, LiveFeed } from './live-feed.js';

export class LiveQuery {
  /** Which sections to hear of; absent: all. */
  @ApiProperty({ required: false, example: 'federation,services' })
  @IsOptional()
  @Matches(/^[a-z]+(,[a-z]+)*$/, { message: 'sections must be like federation,services' })
  sections?: string;
}

interface Reply {
  hijack(): void;
  raw: ServerResponse;
}

const COMMENT_MS = 15_000;
/** A reader that lets so much pile up is cut off; it comes back and resumes. */
const MAX_UNREAD_BYTES = 1024 ** 2;
/** Readers at once; each costs a socket and little else. */
const MAX_READERS = 500;

@Controller('stream')
export class LiveController {
  private readers = 0;

  constructor(private readonly feed: LiveFeed) {}

  /**
   * GET /api/v1/infrastructure/stream?sections=federation,services
   *
   * Server-sent events: `hello` first; then `patch` with one thing as it is now, `verdict` with the overview, and `reset` when the
   * reader must read its lists again. A comment every 15 s says that the line is open.
   */
  @Get()
  @ApiOperation({ operationId: 'stream', summary: 'What changes, as it changes' })
  @ApiProduces('text/event-stream')
  stream(@Query() { sections }: LiveQuery, @Headers('last-event-id') lastId: string | undefined, @Res() reply: Reply): void {
    const wanted = sections?.split(',');
    reply.hijack();
    const { raw } = reply;
    if (this.readers >= MAX_READERS) {
      raw.writeHead(503, { 'retry-after': '30' }).end();
      return;
    }
    this.readers++;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    const write = (text: string): void => {
      if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy();
      else raw.write(text);
    };
    const send = (frame: Frame): void => {
      if (frame.event === 'verdict') write(textOf(frame.event, frame.data, frame.id));
      else if (wanted === undefined || wanted.includes(frame.data.section)) write(textOf(frame.event, frame.data));
    };
    write(textOf('hello', { server_time: new Date().toISOString() as Instant, position: this.feed.position }));
    if (lastId !== undefined) {
      const missed = this.feed.since(lastId);
      if (missed === undefined) write(textOf('reset', {}));
      else missed.forEach(send);
    }
    const subscription = this.feed.frames.subscribe({ next: send, complete: () => raw.end() });
    const comments = setInterval(() => write(': still here\n\n'), COMMENT_MS);
    raw.on('close', () => {
      this.readers--;
      subscription.unsubscribe();
      clearInterval(comments);
    });
  }
}

const textOf = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
