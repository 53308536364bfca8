import type { Api } from '../api.js';
import type { Accepted, Answer, Call, Health, Route, RouteAdded, RouteDecision } from '../contract.js';
import type { Context } from '../context.js';
import { type Canvas, type Cell, details, table } from '../view/table.js';
import { state } from '../view/words.js';
import { type Labels, findPeer, labelsFor } from './peers.js';
import { live, readBack } from './read-back.js';

/** `ap infrastructure routes list`: in the order in which they are tried. */
export async function listRoutes(context: Context): Promise<void> {
  const api = await context.api();
  const routes = await api.all<Route>('/routes');
  const labels = await labelsFor(context, api);
  const isEmpty = routes.data.length === 0;
  context.output.data('ap.infra.routes.list/v1', routes, (canvas) => (isEmpty ? [] : routeTable(routes.data, labels, canvas)));
  context.output.hint(
    isEmpty
      ? 'There is no rule, so every call is denied. Add one: ap infrastructure routes add --help'
      : '(the first that matches decides; what none matches is denied)',
  );
}

interface AddOptions {
  direction: Route['direction'];
  action: Route['action'];
  peer?: string;
  agent?: string;
  methodClass?: Call['method_class'];
  targetUrl?: string;
  note?: string;
  before?: string;
}

/** `ap infrastructure routes add`: what is left out matches anything. */
export async function addRoute(context: Context, options: AddOptions): Promise<void> {
  const { direction, action, peer, agent, methodClass, targetUrl, note, before } = options;
  const api = await context.api();
  const { position, rule_id } = await api.command<RouteAdded>('POST', '/routes', {
    direction,
    action,
    peer_id: peer === undefined ? undefined : await idOf(api, peer),
    agent,
    method_class: methodClass,
    target_url: targetUrl,
    note,
    before,
  });
  const answer = await readRoute(context, api, position, rule_id);
  const labels = await labelsFor(context, api);
  context.output.data(SCHEMA, { ...answer, data: { rule_id, route: answer.data } }, (canvas) =>
    answer.data === null ? details([['accepted', rule_id]], canvas) : routeTable([answer.data], labels, canvas),
  );
}

/** `ap infrastructure routes remove` */
export async function removeRoute(context: Context, _options: object, ruleId: string): Promise<void> {
  const api = await context.api();
  const { position } = await api.command<Accepted>('DELETE', `/routes/${encodeURIComponent(ruleId)}`);
  const answer = await readRoute(context, api, position, ruleId);
  context.output.data(SCHEMA, { ...answer, data: { rule_id: ruleId, route: answer.data } }, (canvas) =>
    details([['removed', ruleId]], canvas),
  );
}

interface TestOptions {
  direction: Route['direction'];
  peer: string;
  agent: string;
  method: string;
}

/** `ap infrastructure routes test`: what the rules say to a call that nobody makes. */
export async function testRoute(context: Context, { direction, peer, agent, method }: TestOptions): Promise<void> {
  const api = await context.api();
  const decision = await api.ask<RouteDecision>('/routes/test', { direction, peer_id: await idOf(api, peer), agent, method });
  context.output.data('ap.infra.routes.test/v1', live(decision), (canvas) =>
    details(
      [
        ['action', actionOf(decision)],
        ['why', decision.sentence],
        ['rule', decision.rule_id === null ? 'none matched' : `${decision.rule_id}, version ${decision.rule_version}`],
        ['target', decision.target_url ?? ''],
        ['method class', classOf(decision, method)],
      ],
      canvas,
    ),
  );
}

/** Of A2A 1.0 and 0.3. */
const SENDING = ['SendMessage', 'SendStreamingMessage', 'CancelTask', 'message/send', 'message/stream', 'tasks/cancel'];
const classOf = ({ method_class }: RouteDecision, method: string): string =>
  method_class === 'send' && !SENDING.includes(method) ? 'send, as every method that A2A does not name' : method_class;

const SCHEMA = 'ap.infra.command/v1';

const idOf = async (api: Api, peer: string): Promise<string> => (await findPeer(api, peer)).data.peer_id;

/** The rule as a command left it; null where it is not there any more. */
async function readRoute(context: Context, api: Api, position: string, ruleId: string): Promise<Answer<Route | null>> {
  const answer = await readBack(context, position, () => api.all<Route>('/routes', { after: position }));
  return { ...answer, data: answer.data?.find(({ rule_id }) => rule_id === ruleId) ?? null };
}

const HEALTH: Record<Route['action'], Health> = { allow: 'up', route: 'up', deny: 'down' };
const actionOf = ({ action, held = false }: Pick<Route, 'action'> & { readonly held?: boolean }): Cell =>
  held ? state(`${action}, held`, 'unknown') : state(action, HEALTH[action]);

const routeTable = (routes: readonly Route[], labels: Labels, canvas: Canvas): string[] =>
  table(
    [
      { head: 'ORDER', right: true },
      { head: 'DIR' },
      { head: 'PEER', least: 8 },
      { head: 'AGENT', least: 8 },
      { head: 'CLASS' },
      { head: 'ACTION' },
      { head: 'RULE ID' },
      { head: 'TARGET', least: 12 },
      { head: 'NOTE', least: 8 },
    ],
    routes.map((route) => [
      String(route.order),
      route.direction,
      route.peer_id === null ? 'any' : (labels.get(route.peer_id) ?? route.peer_id),
      route.agent ?? 'any',
      route.method_class ?? 'any',
      actionOf(route),
      route.rule_id,
      route.target_url ?? '',
      route.note,
    ]),
    canvas,
  );
