import type { EventDetail, EventEntry, Health } from '../contract.js';
import { json, plain } from './plain.js';
import { type Canvas, type Cell, details, table } from './table.js';
import { instant, lately, state } from './words.js';

/** What newer releases write is not broken: it waits for an upgrade. */
const NEWER = 'event.unknown';
const healthOf = (code: string): Health => (code === NEWER ? 'unknown' : 'degraded');

/** Its type, or why no read model uses it. */
function typeOf({ type, unreadable, voided }: EventEntry): Cell {
  if (voided) return state('voided', 'unknown');
  return unreadable === null ? type : state(unreadable.code, healthOf(unreadable.code));
}

/** An event that no event store wrote may have any text as its time, or none. */
function at(event: EventEntry, now: string | null, canvas: Canvas): string {
  if (Number.isNaN(Date.parse(event.at))) return '';
  return canvas.columns === undefined ? instant(event.at) : lately(event.at, now);
}

const dataOf = ({ data, size }: EventEntry): string => (data === null ? `${size} bytes, not shown` : json(data));

export const eventTable = (events: readonly EventEntry[], now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'POSITION' },
      { head: 'AT' },
      { head: 'TYPE' },
      { head: 'SUBJECT', least: 10 },
      { head: 'ACTOR', least: 8, spare: 2 },
      { head: 'DATA', least: 6, spare: 1 },
    ],
    events.map((event) => [event.position, at(event, now, canvas), typeOf(event), event.subject, event.actor, dataOf(event)]),
    canvas,
  );

/** Properties, then headers and body as they are stored, with invisible characters as escapes. */
export function eventDetails(event: EventDetail, canvas: Canvas): string[] {
  const { type, version, unreadable, size, body } = event;
  const isCut = Buffer.byteLength(body) < size;
  return [
    ...details(
      [
        ['event', event.position],
        ['type', type === '' ? '' : `${type}, version ${version}`],
        ['subject', event.subject],
        ['at', Number.isNaN(Date.parse(event.at)) ? event.at : instant(event.at)],
        ['actor', event.actor],
        ['readable', readableOf(event)],
        ['why', unreadable === null ? '' : unreadable.detail],
        ['id', event.id],
        ['correlation', event.correlation_id],
        ['causation', event.causation_id],
        ['size', `${size} bytes`],
        ['hash', event.hash],
      ],
      canvas,
    ),
    '',
    canvas.paint('headers', 'bold'),
    ...linesOf(event.headers),
    '',
    canvas.paint(isCut ? `body, the first ${body.length} characters` : 'body', 'bold'),
    ...linesOf(body),
  ];
}

function readableOf({ unreadable, voided }: EventDetail): Cell {
  if (voided) return state('voided: every read model skips it', 'unknown');
  if (unreadable === null) return 'yes';
  return state(plain(unreadable.code), healthOf(unreadable.code));
}

const linesOf = (text: string): string[] => (text === '' ? ['(none)'] : text.split(/\r?\n/).map(plain));
