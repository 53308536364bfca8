import type { Doctor, EventDetail, EventEntry, Parked, Projection } from '../contract.js';
import { type FakeRoute, type Replies, type Reply, assertFields, invalid, problem } from './fake-replies.js';
import { check } from './sample.js';

const NAME = /^[a-z][a-z0-9_]{0,40}$/;
const POSITION = /^[fct]\d{1,15}(~[a-z0-9]{4})?$/;
/** What the log keeps of an event beside what a list shows. */
type Raw = Pick<EventDetail, 'hash' | 'headers' | 'body'>;

/** Read models, what is parked in them, and single events. */
export class FakeLog {
  projections: Projection[] = [];
  doctor: Doctor = { checks: [check()], release: '0.2.0', instance_id: 'inst-here' };
  /** By the name of the read model. */
  readonly parked = new Map<string, Parked[]>();
  /** By position. */
  readonly raw = new Map<string, Raw>();
  /** Parked values whose cause is gone. */
  readonly mended = new Set<string>();
  /** What the list says of a read model after a rebuild has begun, one answer after the other. */
  progress: Partial<Projection>[] = [];
  private building: string | undefined;

  constructor(
    private readonly replies: Replies,
    private readonly events: () => readonly EventEntry[],
  ) {}

  readonly routes: readonly FakeRoute[] = [
    ['GET /doctor', 'operator', ({ query }) => this.replies.envelope(query, this.doctor)],
    ['GET /projections', 'viewer', ({ query }) => this.list(query)],
    ['GET /projections/([^/]+)/parked', 'viewer', ({ query }, name) => this.parkedIn(name!, query)],
    ['POST /projections/void', 'admin', ({ body }) => this.void(body as { position: string; hash: string; reason: string })],
    ['POST /projections/([^/]+)/retry', 'operator', ({ body }, name) => this.retry(name!, body as { unit?: string; value?: string })],
    ['POST /projections/([^/]+)/rebuild', 'admin', ({ body }, name) => this.rebuild(name!, body)],
    ['GET /events/([^/]+)', 'viewer', ({ query }, position) => this.replies.envelope(query, this.eventAt(position!))],
  ];

  private list(query: Record<string, string>): Reply {
    const next = this.building === undefined ? undefined : this.progress.shift();
    if (next !== undefined) Object.assign(this.projectionOf(this.building!), next);
    return this.replies.envelope(query, this.projections);
  }

  private projectionOf(name: string): Projection {
    if (!NAME.test(name)) throw invalid('name');
    const found = this.projections.find((one) => one.name === name);
    if (found === undefined)
      throw problem(404, 'log.projection-unknown', `No read model is called ${name}.`, 'List the projections to see their names.');
    return found;
  }

  private foldedAgain(name: string): Projection {
    const found = this.projectionOf(name);
    if (found.kind === 'rollup')
      throw problem(409, 'log.projection-is-rollup', `${name} is a roll-up: the telemetry that it was made of is gone.`, 'Leave it.');
    if (found.state === 'not_running')
      throw problem(503, 'log.projector-not-running', `No projector keeps ${name} just now.`, 'Look at Service Health.');
    return found;
  }

  private parkedIn(name: string, query: Record<string, string>): Reply {
    this.projectionOf(name);
    return this.replies.envelope(query, (this.parked.get(name) ?? []).slice(0, Number(query['limit'] ?? 50)));
  }

  private retry(name: string, body: { unit?: string; value?: string }): Reply {
    assertFields(body, ['unit', 'value']);
    const { unit, value } = body;
    if (unit !== undefined && unit !== 'row' && unit !== 'subject') throw invalid('unit');
    if ((unit === undefined) !== (value === undefined)) throw invalid('value');
    const projection = this.foldedAgain(name);
    const isMeant = (one: Parked): boolean => unit === undefined || (one.unit === unit && one.value === value);
    const all = this.parked.get(name) ?? [];
    const meant = all.filter(isMeant);
    const still = meant.filter((one) => !this.mended.has(one.value));
    this.parked.set(
      name,
      all.filter((one) => !isMeant(one) || still.includes(one)),
    );
    projection.parked = this.parked.get(name)!.length;
    return { status: 200, body: { released: meant.length - still.length, parked: still.length } };
  }

  private rebuild(name: string, body: unknown): Reply {
    assertFields(body ?? {}, []);
    this.foldedAgain(name);
    this.building = name;
    return { status: 204 };
  }

  private void({ position, hash, reason, ...more }: { position: string; hash: string; reason: string }): Reply {
    assertFields(more, []);
    const wrong = [
      ...(POSITION.test(position) && !position.startsWith('t') ? [] : ['position']),
      ...(/^[0-9a-f]{64}$/.test(hash) ? [] : ['hash']),
      ...(typeof reason === 'string' && reason.length <= 500 ? [] : ['reason']),
    ];
    if (wrong.length > 0) throw invalid(...wrong);
    const event = this.eventAt(position);
    if (event.hash !== hash)
      throw problem(409, 'log.hash-differs', `The message at ${position} has another hash than the one given.`, 'Read it again.');
    if (event.unreadable === null) throw problem(409, 'log.event-readable', `The event at ${position} can be read.`, 'Retry.');
    Object.assign(
      this.events().find((one) => one.position === position)!,
      { voided: true, unreadable: null },
    );
    return this.replies.accepted();
  }

  private eventAt(position: string): EventDetail {
    if (!POSITION.test(position)) throw invalid('position');
    const event = this.events().find((one) => one.position === position);
    if (event === undefined) throw problem(404, 'events.unknown', `The log keeps no event at ${position}.`, 'List the events.');
    const raw = this.raw.get(position) ?? { hash: '0'.repeat(64), headers: `ce-type: ${event.type}`, body: JSON.stringify(event.data) };
    return { ...event, ...raw };
  }
}
