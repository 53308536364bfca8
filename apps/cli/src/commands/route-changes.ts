import type { Api } from '../api.js';
import type { Accepted, AgentCheck, Answer, Call, Route, RouteAdded, RouteEdited } from '../contract.js';
import type { Context } from '../context.js';
import { failure } from '../failure.js';
import { details } from '../view/table.js';
import { agentLines } from './agent-check.js';
import { labelsFor } from './peers.js';
import { readBack } from './read-back.js';
import { idOf, routeTable } from './routes.js';
import { secretOf } from './secret.js';

const SCHEMA = 'ap.infra.command/v1';

/** What both `add` and `edit` take. */
interface RuleOptions {
  classes?: Call['method_class'][];
  targetUrl?: string;
  credentialFile?: string;
  credentialStdin?: boolean;
  credentialHeader?: string;
  callsPerMinute?: number;
  concurrentCalls?: number;
  bodyBytes?: number;
  note?: string;
}

interface AddOptions extends RuleOptions {
  direction: Route['direction'];
  action: Route['action'];
  peer?: string;
  agent?: string;
  methodClass?: Call['method_class'];
  before?: string;
}

/** `ap infrastructure routes add`: what is left out matches anything. */
export async function addRoute(context: Context, options: AddOptions): Promise<void> {
  const { direction, action, peer, agent, methodClass, before } = options;
  const fields = await fieldsOf(context, options);
  const api = await context.api();
  const { position, ...added } = await api.command<RouteAdded>('POST', '/routes', {
    direction,
    action,
    peer_id: peer === undefined ? undefined : await idOf(api, peer),
    agent,
    method_class: methodClass,
    ...fields,
    before,
  });
  await show(context, api, position, added);
}

interface EditOptions extends RuleOptions {
  removeCredential?: boolean;
}

/** `ap infrastructure routes edit`: what is left out stays. */
export async function editRoute(context: Context, options: EditOptions, ruleId: string): Promise<void> {
  const fields = await fieldsOf(context, options);
  const body = { ...fields, ...(options.removeCredential === true && { credential: null }) };
  if (Object.values(body).every((value) => value === undefined))
    throw failure('cli.usage', 'It is not said what to change', 'see ap infrastructure routes edit --help');
  const api = await context.api();
  const { position, agent } = await api.command<RouteEdited>('PATCH', pathOf(ruleId), body);
  await show(context, api, position, { rule_id: ruleId, agent });
}

/** `ap infrastructure routes move` */
export async function moveRoute(context: Context, { before, last }: { before?: string; last?: boolean }, ruleId: string): Promise<void> {
  if (before === undefined && last !== true)
    throw failure('cli.usage', 'It is not said where to', 'give --before and the id of a rule, or --last');
  const api = await context.api();
  const { position } = await api.command<Accepted>('POST', `${pathOf(ruleId)}/move`, { before: before ?? null });
  await show(context, api, position, { rule_id: ruleId, agent: null });
}

/** `ap infrastructure routes remove` */
export async function removeRoute(context: Context, _options: object, ruleId: string): Promise<void> {
  const api = await context.api();
  const { position } = await api.command<Accepted>('DELETE', pathOf(ruleId));
  const answer = await readRoute(context, api, position, ruleId);
  context.output.data(SCHEMA, { ...answer, data: { rule_id: ruleId, route: answer.data } }, (canvas) =>
    details([['removed', ruleId]], canvas),
  );
}

const pathOf = (ruleId: string): string => `/routes/${encodeURIComponent(ruleId)}`;

async function fieldsOf(context: Context, options: RuleOptions) {
  const { classes, targetUrl, credentialFile, credentialStdin, credentialHeader, callsPerMinute, concurrentCalls, bodyBytes, note } =
    options;
  const value = await secretOf(context, { secretFile: credentialFile, secretStdin: credentialStdin }, 'credential');
  if (value === undefined && credentialHeader !== undefined)
    throw failure('cli.usage', 'A header, and no value for it', 'give the value by --credential-file or --credential-stdin');
  const limits = { calls_per_minute: callsPerMinute, concurrent_calls: concurrentCalls, body_bytes: bodyBytes };
  return {
    classes,
    target_url: targetUrl,
    credential: value === undefined ? undefined : { header: credentialHeader, value },
    limits: Object.values(limits).some((limit) => limit !== undefined) ? limits : undefined,
    note,
  };
}

/** The rule as the command left it, and what its agent said. */
async function show(context: Context, api: Api, position: string, of: { rule_id: string; agent: AgentCheck | null }): Promise<void> {
  const { rule_id, agent } = of;
  const answer = await readRoute(context, api, position, rule_id);
  const labels = await labelsFor(context, api);
  context.output.data(SCHEMA, { ...answer, data: { rule_id, route: answer.data, agent } }, (canvas) =>
    answer.data === null ? details([['accepted', rule_id]], canvas) : routeTable([answer.data], labels, canvas),
  );
  if (agent === null) return;
  context.output.hint(`${agent.ok ? 'agent' : 'agent not usable'}: ${agent.sentence}`);
  for (const line of agentLines(agent)) context.output.hint(line);
}

/** The rule as a command left it; null where it is not there any more. */
async function readRoute(context: Context, api: Api, position: string, ruleId: string): Promise<Answer<Route | null>> {
  const answer = await readBack(context, position, () => api.all<Route>('/routes', { after: position }));
  return { ...answer, data: answer.data?.find(({ rule_id }) => rule_id === ruleId) ?? null };
}
