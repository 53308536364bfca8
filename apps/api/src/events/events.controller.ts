import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Recorded } from '@app/event-store';
import { type Instant, Position } from '@app/kernel';
import { PlumbingToken } from '../plumbing.token.js';
import { type EventEntry, EventListAnswer, EventsQuery } from './events.view.js';

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
}

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
}: Recorded): EventEntry => ({
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
  data: data as object,
});
