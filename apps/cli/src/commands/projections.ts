import type { Api } from '../api.js';
import type { Answer, Parked, Projection } from '../contract.js';
import type { Context } from '../context.js';
import { type Canvas, type Cell, table } from '../view/table.js';
import { age, span, state } from '../view/words.js';

/** `ap infrastructure projections list` */
export async function listProjections(context: Context): Promise<void> {
  const { output } = context;
  const projections = await (await context.api()).all<Projection>('/projections');
  output.data('ap.infra.projections.list/v1', projections, (canvas) => projectionTable(projections.data, canvas));
  for (const one of projections.data) {
    const advice = adviceFor(one);
    if (advice !== null) output.hint(`${one.name} ${advice}`);
  }
  const parked = projections.data.filter((one) => one.parked > 0);
  if (parked.length > 0) output.hint('(which rows are parked, and why: ap infrastructure projections parked)');
}

/** A parked row with the name of its read model. */
type Named = Parked & { projection: string };

/** `ap infrastructure projections parked`: of one read model, or of each that has parked rows. */
export async function listParked(context: Context, { limit }: { limit: number }, name?: string): Promise<void> {
  const { output } = context;
  const api = await context.api();
  const { answer, total } = name === undefined ? await parkedOfAll(api, limit) : await parkedOf(api, name, limit);
  const { data, as_of } = answer;
  output.data('ap.infra.projections.parked/v1', answer, (canvas) => (data.length === 0 ? [] : parkedTable(data, as_of, canvas)));
  if (data.length === 0) return output.hint(name === undefined ? 'Nothing is parked.' : `Nothing is parked in ${name}.`);
  if (total > data.length) output.hint(`(only the oldest ${data.length} of ${total})`);
  const voidable = data.find((one) => one.voidable);
  output.hint(`next: see the event: ap infrastructure events get ${data[0]!.position}`);
  output.hint(`      when the cause is gone: ap infrastructure projections retry ${data[0]!.projection}`);
  if (voidable !== undefined)
    output.hint(`      when no release can read it, as an admin: ap infrastructure projections void ${voidable.position}`);
}

interface Found {
  answer: Answer<Named[]>;
  total: number;
}

async function parkedOf(api: Api, name: string, limit: number): Promise<Found> {
  const answer = await api.list<Parked>(`/projections/${encodeURIComponent(name)}/parked`, {}, limit);
  const total = answer.data.length < limit && answer.data.length < PAGE_ROWS ? answer.data.length : await parkedIn(api, name);
  return { answer: { ...answer, data: answer.data.map((one) => ({ projection: name, ...one })) }, total };
}

/** The API answers the oldest of one read model, this many at most. */
const PAGE_ROWS = 200;

const parkedIn = async (api: Api, name: string): Promise<number> =>
  (await api.all<Projection>('/projections')).data.find((one) => one.name === name)?.parked ?? 0;

async function parkedOfAll(api: Api, limit: number): Promise<Found> {
  const projections = await api.all<Projection>('/projections');
  const data: Named[] = [];
  let total = 0;
  for (const { name, parked } of projections.data) {
    total += parked;
    if (parked === 0 || data.length >= limit) continue;
    const answer = await api.list<Parked>(`/projections/${name}/parked`, {}, limit - data.length);
    data.push(...answer.data.map((one) => ({ projection: name, ...one })));
  }
  return { answer: { ...projections, data }, total };
}

/** What an operator does about a read model as a whole; null: nothing. */
function adviceFor({ name, state, needs_release }: Projection): string | null {
  switch (state) {
    case 'waiting':
      return `waits at an event of a newer release: upgrade to release ${needs_release ?? 'that wrote it'} or newer, and it goes on by itself`;
    case 'halted':
      return `has halted, and nothing is lost: upgrade to a corrected release, then: ap infrastructure projections retry ${name}`;
    case 'refused':
      return 'is refused, since its table is not the one that this release declares: run the release that made it, or do what the error says';
    case 'failed':
      return 'has failed and tries again by itself; the log of the projector has the cause';
    case 'stopped':
    case 'not_running':
      return 'is updated by no process: start the projector';
    case 'running':
    case 'starting':
    case 'standby':
      return null;
  }
}

/** The cause of a state in a few words. */
function whyOf({ state, error, needs_release, building }: Projection): string {
  if (state === 'waiting') return `needs release >= ${needs_release ?? '?'}`;
  if (state === 'halted') return 'too many rows parked: upgrade, then retry';
  if (error !== null) return error;
  return building === null ? '' : `rebuilding: ${building.position} of ${building.target}`;
}

const stateOf = (one: Projection): Cell => state(one.state.replaceAll('_', ' '), one.health);

const projectionTable = (projections: readonly Projection[], canvas: Canvas): string[] =>
  table(
    [
      { head: 'NAME' },
      { head: 'STATE' },
      { head: 'BEHIND', right: true },
      { head: 'LAG', spare: 3 },
      { head: 'PARKED', right: true },
      { head: 'KIND', spare: 1 },
      { head: 'AT', spare: 2 },
      { head: 'WHY', below: true },
    ],
    projections.map((one) => [
      one.name,
      stateOf(one),
      one.lag_events === 0 ? '' : String(one.lag_events),
      one.lag_events === 0 ? '' : span(one.lag_seconds * 1000),
      one.parked === 0 ? '' : { text: String(one.parked), colour: 'yellow' },
      one.kind,
      one.position,
      whyOf(one),
    ]),
    canvas,
  );

const parkedTable = (parked: readonly Named[], now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'PROJECTION' },
      { head: 'PARKED', least: 14 },
      { head: 'EVENT' },
      { head: 'FOR' },
      { head: 'CODE' },
      { head: 'RELEASE', spare: 1 },
      { head: 'WHY', below: true },
    ],
    parked.map(({ projection, unit, value, position, parked_at, code, release, detail, skipped }) => [
      projection,
      `${unit} ${value}`,
      position,
      age(parked_at, now),
      code,
      release,
      skipped > 0 ? `${skipped} left out: ${detail}` : detail,
    ]),
    canvas,
  );
