import { type Api, isNotFound } from '../api.js';
import type { Answer, Component } from '../contract.js';
import type { Context } from '../context.js';
import { type Canvas, details, table } from '../view/table.js';
import { age, ago, bar, instant, latency, state, why } from '../view/words.js';

interface ListOptions {
  status?: string;
  limit: number;
}

/** `ap infrastructure services list`; the API gives all, and the choice is made here. */
export async function listServices(context: Context, { status, limit }: ListOptions): Promise<void> {
  const api = await context.api();
  const services = await api.all<Component>('/services');
  const chosen = services.data.filter((service) => status === undefined || service.status === status || service.health === status);
  const shown = chosen.slice(0, limit);
  context.output.data('ap.infra.services.list/v1', { ...services, data: shown }, (canvas) =>
    shown.length === 0 ? [] : serviceTable(shown, services.as_of, canvas),
  );
  if (shown.length === 0) context.output.hint('No service is like that.');
  if (shown.length < chosen.length) context.output.hint(`(only the first ${limit} of ${chosen.length}, use --limit for more)`);
}

/** `ap infrastructure services get` */
export async function getService(context: Context, _options: object, service: string): Promise<void> {
  const answer = await findService(await context.api(), service);
  context.output.data('ap.infra.service/v1', answer, (canvas) => serviceDetails(answer.data, answer.as_of, canvas));
}

/** By its id, else by its name. */
async function findService(api: Api, text: string): Promise<Answer<Component>> {
  try {
    return await api.get<Component>(`/services/${encodeURIComponent(text)}`);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const { data, ...answer } = await api.all<Component>('/services');
    const [service, ...more] = data.filter(({ name }) => name === text);
    if (service === undefined || more.length > 0) throw error;
    return { ...answer, data: service };
  }
}

const serviceTable = (services: readonly Component[], now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'NAME', least: 12 },
      { head: 'STATUS' },
      { head: 'FOR' },
      { head: 'LATENCY' },
      { head: 'P95' },
      { head: 'LAST SEEN' },
      { head: 'WHY', below: true },
    ],
    services.map(({ name, status, health, since, latency_ms, p95_ms, last_good_at, reason, sentence }) => [
      name,
      state(status, health),
      age(since, now),
      latency(latency_ms),
      latency(p95_ms),
      ago(last_good_at, now),
      why(reason, sentence),
    ]),
    canvas,
  );

/** The gateways that edge agents see: they count in the roll-up, and have no row of their own. */
function agentGateways({ agent_gateways_total: total, agent_gateways: named }: Component, canvas: Canvas): string[] {
  if (total === 0) return [];
  const rows = named.map(({ name, state: word, health, agent_id }) => [name, state(word, health), agent_id]);
  const lines = table([{ head: 'SEEN BY AN AGENT', least: 12 }, { head: 'STATE' }, { head: 'AGENT ID', spare: 1 }], rows, canvas);
  return ['', ...lines, ...(total > named.length ? [`(only the first ${named.length} of ${total})`] : [])];
}

const serviceDetails = (service: Component, now: string | null, canvas: Canvas): string[] => [
  ...details(
    [
      ['name', service.name],
      ['status', state(service.status, service.health)],
      ['why', service.reason === null ? service.sentence : why(service.reason, service.sentence)],
      ['since', `${instant(service.since)} (${age(service.since, now)})`],
      ['last good', instant(service.last_good_at)],
      ['last probe', instant(service.last_probe_at)],
      ['next probe', instant(service.next_probe_at)],
      ['latency', `${latency(service.latency_ms) || '-'}, p95 of 60 min ${latency(service.p95_ms) || '-'}`],
      ['last 60 min', bar(service.history)],
      ['target', service.target ?? ''],
      ['kind', service.kind],
      ['service', service.component_id],
      ['version', service.version ?? ''],
      ['critical', service.critical ? 'yes' : 'no'],
      ['evidence', service.evidence.join(' ')],
      ['observed', service.observed === 'live' ? 'live, by the API itself: the log or the read model is down' : 'facts'],
    ],
    canvas,
  ),
  ...agentGateways(service, canvas),
];
