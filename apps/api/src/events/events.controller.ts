import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import type { Listed } from '@app/event-store';
import { CallerRole, ProblemException, type Role, mayReadSubject, subjectDenied } from '@app/http';
import type { Instant } from '@app/kernel';
import { ours } from '@app/read-store';
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
   *
   * Events of the context `access` are for admins, as the list of tokens is: others do not find them here. 403 `access.denied` when one asks for
   * that context or for a subject in it.
   */
  @Get()
  @ApiOperation({ operationId: 'listEvents', summary: 'The event log, newest first' })
  @ApiOkResponse({ type: EventListAnswer })
  async list(@Query() { stream, before, ...filter }: EventsQuery, @CallerRole() role: Role): Promise<EventListAnswer> {
    const isShown = (subject: string): boolean => mayReadSubject(role, subject);
    for (const asked of [`${stream}.${filter.room ?? ''}`, filter.subject ?? '']) if (!isShown(asked)) throw subjectDenied(role, asked);
    const { browser, gate } = this.machines.plumbing.store;
    const older = before === undefined ? undefined : ours(gate, before).of(stream);
    const { events, next } = await browser.browse({ stream, ...filter, before: older, isShown });
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

  /**
   * GET /api/v1/infrastructure/events/f4711
   *
   * One event with its headers and body as the log keeps them, also when no release can read it. 404 `events.unknown`. 403 `access.denied`
   * when it is of the context `access` and the caller is no admin.
   */
  @Get(':position')
  @ApiParam({ name: 'position' })
  @ApiOperation({ operationId: 'getEvent', summary: 'One event, raw' })
  @ApiOkResponse({ type: EventDetailAnswer })
  async one(@Param() { position: token }: EventAt, @CallerRole() role: Role): Promise<EventDetailAnswer> {
    const { gate } = this.machines.plumbing.store;
    const asked = ours(gate, token);
    const stream = (['facts', 'calls', 'telemetry'] as const).find((name) => asked.of(name) !== undefined) ?? 'facts';
    const found = await this.machines.plumbing.store.browser.at(stream, asked.of(stream) ?? 0);
    if (found === null) throw unknown(token);
    if (!mayReadSubject(role, found.subject)) throw subjectDenied(role, found.subject);
    const { hash, headers, body } = found;
    const data = { ...entryOf(found, token), hash, headers, body };
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

const entryOf = (
  { stream, id, type, version, subject, at, actor, correlation_id, causation_id, data, size, unreadable, voided }: Listed,
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
  data,
  size,
  unreadable: unreadable && { ...unreadable },
  voided,
});
