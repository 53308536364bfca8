import type { EventEntry } from '../contract.js';
import type { Context } from '../context.js';
import { Failure, failure } from '../failure.js';
import { json, plain } from '../view/plain.js';
import { table } from '../view/table.js';
import { instant, lately } from '../view/words.js';

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
    throw before !== undefined && isAbout(error, 'before') ? noPosition(before) : error;
  });
  context.output.data('ap.infra.events.list/v1', events, (canvas) =>
    events.data.length === 0
      ? []
      : table(
          [
            { head: 'POSITION' },
            { head: 'AT' },
            { head: 'TYPE' },
            { head: 'SUBJECT', least: 10 },
            { head: 'ACTOR', least: 8, spare: 2 },
            { head: 'DATA', least: 6, spare: 1 },
          ],
          events.data.map(({ position, at, type, subject, actor, data }) => [
            position,
            canvas.columns === undefined ? instant(at) : lately(at, events.as_of),
            type,
            subject,
            actor,
            json(data),
          ]),
          canvas,
        ),
  );
  const { data, next_cursor: older } = events;
  if (older !== undefined) context.output.hint(`(${data.length === 0 ? 'none so far; ' : ''}older ones: --before ${older})`);
  else if (data.length === 0) context.output.hint('No event is like that.');
}

const isAbout = (error: unknown, field: string): boolean =>
  error instanceof Failure && (error.problem.errors ?? []).some((wrong) => wrong.field === field);

const noPosition = (text: string): Failure =>
  failure(
    'cli.usage',
    `--before is not a position: ${plain(text)}`,
    'give one of the column POSITION of ap infrastructure events list, or leave it out for the newest',
  );
