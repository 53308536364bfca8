import type { Parked, Projection, RecordedEvent, RetryOutcome, Role, StoredEvent } from '../../../apps/dashboard/src/contract.js';
import type { Asked } from './asked.js';
import { HASH, parked, projections } from './fixtures-log.js';
import { refused } from './refused.js';

type RetryBody = { unit?: Parked['unit']; value?: string };
type Voiding = { position: string; hash: string; reason: string };

/** One page of the events that a query asks for, newest first, and where the next one begins. */
export function eventsOf(all: readonly RecordedEvent[], query: URLSearchParams): { page: RecordedEvent[]; next: string | undefined } {
  const found = all.filter((one) => ['type', 'subject', 'actor'].every((key) => !query.has(key) || query.get(key) === one[key as 'type']));
  const from = query.has('before') ? found.findIndex(({ position }) => position === query.get('before')) + 1 : 0;
  const limit = Number(query.get('limit') ?? 50);
  const page = found.slice(from, from + limit);
  return { page, next: from + limit < found.length ? page.at(-1)!.position : undefined };
}

/** Read models and what is parked in them. A spec changes them. */
export class LogContract {
  projections: Projection[] = projections();
  readonly parked = new Map<string, Parked[]>([['peer_directory', parked()]]);
  /** Values of parked units whose cause is gone. */
  readonly mended = new Set<string>();
  /** What is stored of an event beside what a list shows, by position. */
  readonly raw = new Map<string, Pick<StoredEvent, 'headers' | 'body'>>();

  /** What is answered, `data` in the envelope of all reads; undefined: it is no request of the log. */
  route(
    { method, path, query, body }: Asked,
    role: Role,
    facts: RecordedEvent[],
    probes: readonly RecordedEvent[],
  ): { status: number; data?: unknown; body?: unknown } | undefined {
    const [, collection, name = '', verb] = path.split('/');
    switch (`${method} /${collection}${name === '' ? '' : '/:name'}${verb === undefined ? '' : `/${verb}`}`) {
      case 'GET /events/:name':
        return { status: 200, data: this.stored([...facts, ...probes], name) };
      case 'GET /projections':
        return { status: 200, data: this.projections };
      case 'GET /projections/:name/parked':
        return { status: 200, data: this.parkedIn(name).slice(0, Number(query.get('limit') ?? 50)) };
      case 'POST /projections/:name/retry':
        return { status: 200, body: this.retry(name, body as RetryBody) };
      case 'POST /projections/:name/rebuild':
        this.rebuild(name, role);
        return { status: 204 };
      case 'POST /projections/:name':
        this.void(facts, body as Voiding, role);
        return { status: 202, body: { position: 'f416' } };
      default:
        return undefined;
    }
  }

  private parkedIn(name: string): Parked[] {
    this.projection(name);
    return this.parked.get(name) ?? [];
  }

  private retry(name: string, body: RetryBody): RetryOutcome {
    if (Object.keys(body).some((field) => !['unit', 'value'].includes(field)) || (body.unit === undefined) !== (body.value === undefined))
      throw refused(400, 'http.invalid', 'The request is not as described.', 'Correct the fields named in errors.');
    const projection = this.projection(name);
    const isMeant = (one: Parked): boolean => body.unit === undefined || (one.unit === body.unit && one.value === body.value);
    const meant = this.parkedIn(name).filter(isMeant);
    const still = meant.filter(({ value }) => !this.mended.has(value));
    this.keep(projection, (one) => !isMeant(one) || still.includes(one));
    return { released: meant.length - still.length, parked: still.length };
  }

  private rebuild(name: string, role: Role): void {
    assertAdmin(role);
    const projection = this.projection(name);
    if (projection.kind === 'rollup') throw refused(409, 'log.projection-is-rollup', `${name} is a roll-up.`, 'Leave it as it is.');
    projection.building = { position: 'f12', target: projection.position };
  }

  /** The projector swaps the new rows in. */
  finishRebuild(name: string): void {
    Object.assign(this.projection(name), {
      building: null,
      rebuilt: { rows: 5, differences: 1, parked: 0, ended_at: '2026-02-01T12:00:00.000Z' },
    });
  }

  private stored(events: readonly RecordedEvent[], position: string): StoredEvent {
    const event = events.find((one) => one.position === position);
    if (event === undefined) throw refused(404, 'events.unknown', `The log keeps no event at ${position}.`, 'List the events.');
    const raw = this.raw.get(position) ?? { headers: `ce-type: ${event.type}`, body: JSON.stringify(event.data) };
    return { ...event, hash: HASH, ...raw };
  }

  /** What stood still at it goes on. */
  private void(facts: RecordedEvent[], { position, hash, reason }: Voiding, role: Role): void {
    assertAdmin(role);
    const event = this.stored(facts, position);
    if (hash !== event.hash)
      throw refused(409, 'log.hash-differs', `The message at ${position} has another hash than the one given.`, 'Read it again.');
    if (event.unreadable === null || typeof reason !== 'string') throw refused(409, 'log.event-readable', 'It can be read.', 'Retry.');
    Object.assign(
      facts.find((one) => one.position === position)!,
      { unreadable: null, voided: true },
    );
    for (const projection of this.projections) this.keep(projection, (one) => one.position !== position);
  }

  private keep(projection: Projection, isKept: (one: Parked) => boolean): void {
    const left = (this.parked.get(projection.name) ?? []).filter(isKept);
    this.parked.set(projection.name, left);
    projection.parked = left.length;
  }

  private projection(name: string): Projection {
    const found = this.projections.find((one) => one.name === name);
    if (found === undefined) throw refused(404, 'log.projection-unknown', `No read model is called ${name}.`, 'List the projections.');
    return found;
  }
}

function assertAdmin(role: Role): void {
  if (role !== 'admin') throw refused(403, 'access.denied', 'This needs the role admin.', 'Ask an admin.');
}
