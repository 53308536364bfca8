import type { Api } from '../api.js';
import type { Answer, EventDetail, EventEntry } from '../contract.js';
import type { Context } from '../context.js';
import { Failure, failure } from '../failure.js';
import { eventDetails, eventTable } from '../view/event.js';
import { plain } from '../view/plain.js';

interface ListOptions {
  stream: string;
  room?: string;
  type?: string;
  subject?: string;
  actor?: string;
  before?: string;
  limit: number;
}

/** `ap infrastructure events list`: newest first. */
export async function listEvents(context: Context, options: ListOptions): Promise<void> {
  const { stream, room, type, subject, actor, before, limit } = options;
  const api = await context.api();
  const query = { stream, room, type, subject, actor, before };
  const events = await api.list<EventEntry>('/events', query, limit, 'before').catch((error: unknown) => {
    throw before !== undefined && isAbout(error, 'before') ? noPosition('--before', before) : error;
  });
  context.output.data('ap.infra.events.list/v1', events, (canvas) =>
    events.data.length === 0 ? [] : eventTable(events.data, events.as_of, canvas),
  );
  const { data, next_cursor: older } = events;
  if (older !== undefined) context.output.hint(`(${data.length === 0 ? 'none so far; ' : ''}older ones: --before ${older})`);
  else if (data.length === 0) context.output.hint('No event is like that.');
}

/** `ap infrastructure events get`: as it is stored, also when no release can read it. */
export async function getEvent(context: Context, _options: object, position: string): Promise<void> {
  const answer = await eventAt(await context.api(), position);
  const { position: at, unreadable, voided } = answer.data;
  context.output.data('ap.infra.event/v1', answer, (canvas) => eventDetails(answer.data, canvas));
  if (unreadable === null || voided) return;
  context.output.hint('(which rows stand still because of it: ap infrastructure projections parked)');
  if (isVoidable(answer.data))
    context.output.hint(`(to make every read model skip it, as an admin: ap infrastructure projections void ${at})`);
}

/** Whether no release can read it; what a newer one wrote waits for the upgrade, and telemetry ends by age. */
export const isVoidable = ({ stream, unreadable, voided }: EventDetail): boolean =>
  stream !== 'telemetry' && unreadable !== null && unreadable.code !== 'event.unknown' && !voided;

/** The event at a position, whole. Throws `Failure`. */
export async function eventAt(api: Api, position: string): Promise<Answer<EventDetail>> {
  try {
    return await api.get<EventDetail>(`/events/${encodeURIComponent(position)}`);
  } catch (error) {
    throw isAbout(error, 'position') ? noPosition('The argument', position) : error;
  }
}

const isAbout = (error: unknown, field: string): boolean =>
  error instanceof Failure && (error.problem.errors ?? []).some((wrong) => wrong.field === field);

const noPosition = (source: string, text: string): Failure =>
  failure(
    'cli.usage',
    `${source} is not a position: ${plain(text)}`,
    `give one of the column POSITION of ap infrastructure events list${source === '--before' ? ', or leave it out for the newest' : ''}`,
  );
