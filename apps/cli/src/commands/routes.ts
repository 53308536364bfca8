import type { Api } from '../api.js';
import type { Health, Route, RouteDecision } from '../contract.js';
import type { Context } from '../context.js';
import { type Canvas, type Cell, details, table } from '../view/table.js';
import { state } from '../view/words.js';
import { type Labels, findPeer, labelsFor } from './peers.js';
import { agentLines, agentRows } from './agent-check.js';
import { live } from './read-back.js';

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
  for (const { rule_id, warnings } of routes.data) for (const warning of warnings) context.output.hint(`${rule_id}: ${warning}`);
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
        ...agentRows(decision.agent),
      ],
      canvas,
    ),
  );
  for (const line of agentLines(decision.agent)) context.output.hint(line);
}

/** Of A2A 1.0 and 0.3. */
const SENDING = ['SendMessage', 'SendStreamingMessage', 'CancelTask', 'message/send', 'message/stream', 'tasks/cancel'];
const classOf = ({ method_class }: RouteDecision, method: string): string =>
  method_class === 'send' && !SENDING.includes(method) ? 'send, as every method that A2A does not name' : method_class;

export const idOf = async (api: Api, peer: string): Promise<string> => (await findPeer(api, peer)).data.peer_id;

const HEALTH: Record<Route['action'], Health> = { allow: 'up', route: 'up', deny: 'down' };
const actionOf = ({ action, held = false }: Pick<Route, 'action'> & { readonly held?: boolean }): Cell =>
  held ? state(`${action}, held`, 'unknown') : state(action, HEALTH[action]);

/** `any`: it was added before rules named classes. */
const classesOf = ({ classes }: Route): string => classes?.join(',') ?? 'any';

export const routeTable = (routes: readonly Route[], labels: Labels, canvas: Canvas): string[] =>
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
      classesOf(route),
      actionOf(route),
      route.rule_id,
      route.target_url ?? '',
      route.note,
    ]),
    canvas,
  );
