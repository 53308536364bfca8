import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import type { Recorded } from '@app/event-store';
import type { Instant } from '@app/kernel';
import { ours } from '@app/read-store';
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
    const { browser, gate } = this.machines.plumbing.store;
    const older = before === undefined ? undefined : ours(gate, before).of(stream);
    const { events, next } = await browser.browse({ stream, ...filter, before: older });
    const data = events.map((event) => entryOf(event, gate.token({ [event.stream]: event.position })));
    return {
      data,
      as_of: new Date().toISOString() as Instant,
      position: data[0]?.position ?? gate.token({ [stream]: 0 }),
      lag_ms: 0,
      warnings: gate.troubles().map(({ code, detail }) => ({ code, detail: `${detail}.` })),
      ...(next === null ? {} : { next_cursor: gate.token({ [stream]: next }) }),
    };
  }
}

const entryOf = (
  { stream, id, type, version, subject, at, actor, correlation_id, causation_id, data }: Recorded,
  position: string,
): EventEntry => ({
  position,
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
