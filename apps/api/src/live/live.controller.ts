import type { ServerResponse } from 'node:http';
import { Controller, Get, Headers, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiProperty } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { type Caller, ProblemException } from '@app/http';
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

/** Interval of comments, ms. A page that hears nothing for 10 s says that it is stale: two comments may be late. */
const COMMENT_MS = 4_000;
/** Interval at which the caller's rights are looked at again, ms: for rights that end without a fact. */
const RIGHTS_MS = 16_000;
/** A reader that lets so much pile up is cut off; it comes back and resumes. */
const MAX_UNREAD_BYTES = 1024 ** 2;
/** Readers at once; each costs a socket and little else. */
const MAX_READERS = 500;
/** Readers at once of one token or session: a browser has one for each page that is open. */
const MAX_READERS_OF_ONE = 25;

@Controller('stream')
export class LiveController {
  private readers = 0;
  private readonly readersOf = new Map<string, number>();

  constructor(private readonly subscription: LiveFeed) {}

  /**
   * GET /api/v1/infrastructure/stream?sections=federation,services
   *
   * Server-sent events: `hello` first; then `patch` with one thing as it is now, `verdict` with the overview, and `reset` when the
   * reader must read its lists again. A comment every 4 s says that the line is open. The stream ends when the right of its reader does. 429
   * `stream.too-many` when one token or session has 25 already, 503 when all readers together have 500.
   */
  @Get()
  @ApiOperation({ operationId: 'stream', summary: 'What changes, as it changes' })
  @ApiProduces('text/event-stream')
  stream(
    @Query() { sections }: LiveQuery,
    @Headers('last-event-id') lastId: string | undefined,
    @Req() { caller, method }: { caller: Caller; method: string },
    @Res() reply: Reply,
  ): void {
    const mine = this.readersOf.get(caller.actor) ?? 0;
    if (mine >= MAX_READERS_OF_ONE) throw tooManyOfOne(caller.actor);
    if (this.readers >= MAX_READERS) throw tooMany();
    reply.hijack();
    const { raw } = reply;
    if (raw.destroyed) return; // Gone while it was asked who it is.
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    if (method === 'HEAD') return void raw.end(); // Its reader waits for the end, and would hear nothing until then.
    const wanted = sections?.split(',');
    const write = (text: string): void => {
      if (raw.writableEnded || raw.destroyed) return;
      if (raw.writableLength > MAX_UNREAD_BYTES) raw.destroy();
      else raw.write(text);
    };
    const send = (frame: Frame): void => {
      if (frame.event === 'verdict') write(textOf(frame.event, frame.data, frame.id));
      else if (wanted === undefined || wanted.includes(frame.data.section)) write(textOf(frame.event, frame.data));
    };
    const askRights = async (): Promise<void> => {
      if (!(await caller.isStillIn().catch(() => true))) raw.end(); // Its token was revoked, or its time is over.
    };
    const subscription = this.subscription.frames.subscribe({ next: send, complete: () => raw.end() });
    // Two timers: while PostgreSQL does not answer who may listen, the page must not take this side for dead.
    const comments = setInterval(() => write(': still here\n\n'), COMMENT_MS);
    const rights = setInterval(() => void askRights(), RIGHTS_MS);
    this.count(caller.actor, 1);
    const stopListening = caller.onEnd(() => raw.end());
    raw.on('close', () => {
      this.count(caller.actor, -1);
      stopListening();
      subscription.unsubscribe();
      clearInterval(comments);
      clearInterval(rights);
    });
    write(textOf('hello', { server_time: new Date().toISOString() as Instant, position: this.subscription.position }));
    if (lastId === undefined) return;
    const missed = this.subscription.since(lastId);
    if (missed === undefined) write(textOf('reset', {}));
    else missed.forEach(send);
  }

  private count(actor: string, more: 1 | -1): void {
    this.readers += more;
    const left = (this.readersOf.get(actor) ?? 0) + more;
    if (left === 0) this.readersOf.delete(actor);
    else this.readersOf.set(actor, left);
  }
}

const tooMany = (): ProblemException =>
  new ProblemException({
    title: 'Too many readers',
    status: 503,
    code: 'http.503',
    detail: `${MAX_READERS} readers listen already.`,
    next: 'Close some pages, or ask the lists instead.',
  });

const tooManyOfOne = (actor: string): ProblemException =>
  new ProblemException({
    title: 'Too many streams of one caller',
    status: 429,
    code: 'stream.too-many',
    detail: `${actor} listens ${MAX_READERS_OF_ONE} times already, which is its share.`,
    next: 'Close some pages of this login, or give each program a token of its own.',
  });

const textOf = (event: string, data: object, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
