import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import type { Listed } from '@app/event-store';
import { ProblemException } from '@app/http';
import { type Instant, Position } from '@app/kernel';
import { PlumbingToken } from '../plumbing.token.js';
import { EventAt, EventDetailAnswer, type EventEntry, EventListAnswer, EventsQuery } from './events.view.js';

@Controller('events')
export class EventsController {
  constructor(private readonly machines: PlumbingToken) {}

  /**
   * GET /api/v1/infrastructure/events?room=federation&limit=50
   *
   * The log itself, newest first, read from JetStream and not from a read model: it is never behind. One answer looks at some
   * thousand events at most, so it may hold fewer than `limit` and still have a `next_cursor`.
   */
  @Get()
  @ApiOperation({ operationId: 'listEvents', summary: 'The event log, newest first' })
  @ApiOkResponse({ type: EventListAnswer })
  async list(@Query() { stream, before, ...filter }: EventsQuery): Promise<EventListAnswer> {
    const older = before === undefined ? undefined : Position.parse(before).of(stream);
    const { events, next } = await this.machines.plumbing.store.browser.browse({ stream, ...filter, before: older });
    const data = events.map(entryOf);
    return {
      data,
      as_of: new Date().toISOString() as Instant,
      position: data[0]?.position ?? new Position({ [stream]: 0 }).format(),
      lag_ms: 0,
      warnings: [],
      ...(next === null ? {} : { next_cursor: new Position({ [stream]: next }).format() }),
    };
  }

  /**
   * GET /api/v1/infrastructure/events/f4711
   *
   * One event with its headers and body as the log keeps them, also when no release can read it. 404 `events.unknown`.
   */
  @Get(':position')
  @ApiParam({ name: 'position' })
  @ApiOperation({ operationId: 'getEvent', summary: 'One event, raw' })
  @ApiOkResponse({ type: EventDetailAnswer })
  async one(@Param() { position: token }: EventAt): Promise<EventDetailAnswer> {
    const asked = Position.parse(token);
    const stream = (['facts', 'calls', 'telemetry'] as const).find((name) => asked.of(name) !== undefined) ?? 'facts';
    const found = await this.machines.plumbing.store.browser.at(stream, asked.of(stream) ?? 0);
    if (found === null) throw unknown(token);
    const { hash, headers, body } = found;
    const data = { ...entryOf(found), hash, headers, body };
    return { data, as_of: new Date().toISOString() as Instant, position: token, lag_ms: 0, warnings: [] };
  }
}

const unknown = (position: string): ProblemException =>
  new ProblemException({
    title: 'Event unknown',
    status: 404,
    code: 'events.unknown',
    detail: `The log keeps no event at ${position}.`,
    next: 'List the events to see which there are; calls and telemetry end by age.',
  });

const entryOf = ({
  position,
  stream,
  id,
  type,
  version,
  subject,
  at,
  actor,
  correlation_id,
  causation_id,
  data,
  size,
  unreadable,
  voided,
}: Listed): EventEntry => ({
  position: new Position({ [stream]: position }).format(),
  stream: stream as EventEntry['stream'],
  id,
  type,
  version,
  subject,
  at,
  actor,
  correlation_id,
  causation_id,
  data,
  size,
  unreadable: unreadable && { ...unreadable },
  voided,
});
