import type { EventEntry } from '../contract.js';
import type { Context } from '../context.js';
import { json } from '../view/plain.js';
import { table } from '../view/table.js';
import { instant } from '../view/words.js';

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
  const events = await api.list<EventEntry>('/events', { stream, room, type, subject, actor, before }, limit, 'before');
  context.output.data('ap.infra.events.list/v1', events, (canvas) =>
    events.data.length === 0
      ? []
      : table(
          [
            { head: 'POSITION' },
            { head: 'AT' },
            { head: 'TYPE', least: 12 },
            { head: 'SUBJECT', least: 12 },
            { head: 'ACTOR', least: 8 },
            { head: 'DATA', least: 6 },
          ],
          events.data.map(({ position, at, type, subject, actor, data }) => [position, instant(at), type, subject, actor, json(data)]),
          canvas,
        ),
  );
  const { data, next_cursor: older } = events;
  if (older !== undefined) context.output.hint(`(${data.length === 0 ? 'none so far; ' : ''}older ones: --before ${older})`);
  else if (data.length === 0) context.output.hint('No event is like that.');
}
