import type { Api } from '../api.js';
import type { Accepted, Answer, EdgeAgent, Ping } from '../contract.js';
import type { Context } from '../context.js';
import { EXIT } from '../failure.js';
import { agentDetails, agentTable } from '../view/edge-agent.js';
import { details } from '../view/table.js';
import { latency, state } from '../view/words.js';
import { requireName } from './confirm.js';
import { type Kind, find } from './find.js';
import { live, readBack } from './read-back.js';

interface ListOptions {
  status?: EdgeAgent['status'];
  search?: string;
  archived?: boolean;
  limit: number;
}

/** `ap infrastructure edge list` */
export async function listAgents(context: Context, { status, search, archived = false, limit }: ListOptions): Promise<void> {
  const api = await context.api();
  const agents = await api.list<EdgeAgent>('/edge-agents', { status, q: search, archived: archived ? 'only' : undefined }, limit);
  const { data, as_of, next_cursor } = agents;
  context.output.data('ap.infra.edge.list/v1', agents, (canvas) => (data.length === 0 ? [] : agentTable(data, as_of, canvas)));
  if (data.length === 0) {
    const isFiltered = status !== undefined || search !== undefined || archived;
    context.output.hint(
      isFiltered ? 'No edge agent is like that.' : 'No edge agent is enrolled. Enrol one: ap infrastructure edge enroll --help',
    );
  }
  if (next_cursor !== undefined) context.output.hint(`(only the first ${limit}, use --limit for more)`);
}

/** `ap infrastructure edge get` */
export async function getAgent(context: Context, _options: object, agent: string): Promise<void> {
  const answer = await findAgent(await context.api(), agent);
  context.output.data('ap.infra.edge/v1', answer, (canvas) => agentDetails(answer.data, answer.as_of, canvas));
}

/** `ap infrastructure edge ping`: there and back through its tunnel. Ends with 1 when nothing comes back. */
export async function pingAgent(context: Context, _options: object, agent: string): Promise<number> {
  const api = await context.api();
  const { agent_id, label } = (await findAgent(api, agent)).data;
  const ping = await api.ask<Ping>(`/edge-agents/${agent_id}/ping`);
  context.output.data('ap.infra.edge.ping/v1', live({ agent_id, ...ping }), (canvas) =>
    details(
      [
        ['agent', `${agent_id} (${label})`],
        ['ping', ping.ok ? state('answered', 'up') : state('not answered', 'down')],
        ['why', ping.sentence],
        ['round trip', latency(ping.rtt_ms)],
      ],
      canvas,
    ),
  );
  if (ping.ok) return EXIT.answered;
  context.output.hint(`next: see how it is, and since when: ap infrastructure edge get ${agent_id}`);
  return EXIT.failed;
}

interface RevokeOptions {
  note: string;
  confirm?: string;
}

/** `ap infrastructure edge revoke`: only for who types the name of what will be shut out. */
export async function revokeAgent(context: Context, { note, confirm }: RevokeOptions, agent: string): Promise<void> {
  const api = await context.api();
  const found = (await findAgent(api, agent)).data;
  const { agent_id, label } = found;
  const again = `ap infrastructure edge revoke ${agent_id}`;
  await requireName(context, confirm, { does: 'Revoking', one: 'edge agent', label, id: agent_id, again });
  await changed(context, api.afresh(), found, 'revoke', { note }); // The time to type does not count.
}

/** `ap infrastructure edge archive`: out of lists and counts; it can be undone, so no word is asked for. */
export async function archiveAgent(context: Context, _options: object, agent: string): Promise<void> {
  const api = await context.api();
  await changed(context, api, (await findAgent(api, agent)).data, 'archive');
}

/** `ap infrastructure edge unarchive` */
export async function unarchiveAgent(context: Context, _options: object, agent: string): Promise<void> {
  const api = await context.api();
  await changed(context, api, (await find(api, ARCHIVED_AGENTS, agent)).data, 'unarchive');
}

async function changed(
  context: Context,
  api: Api,
  { agent_id }: EdgeAgent,
  what: 'archive' | 'unarchive' | 'revoke',
  body = {},
): Promise<void> {
  const path = `/edge-agents/${agent_id}`;
  const { position } = await api.command<Accepted>('POST', `${path}/${what}`, body);
  const answer = await readBack(context, position, () => api.get<EdgeAgent>(path, { after: position }));
  context.output.data('ap.infra.command/v1', { ...answer, data: { agent_id, agent: answer.data } }, (canvas) =>
    answer.data === null ? details([['accepted', agent_id]], canvas) : agentTable([answer.data], answer.as_of, canvas),
  );
}

const AGENTS: Kind<EdgeAgent> = {
  path: '/edge-agents',
  one: 'edge agent',
  many: 'edge agents',
  list: 'ap infrastructure edge list',
  unknown: 'cli.agent-unknown',
  ambiguous: 'cli.agent-ambiguous',
  idOf: ({ agent_id }) => agent_id,
  namesOf: ({ label }) => [label],
  named: (label) => ({ label }), // The server knows which of several is in use.
};
const ARCHIVED_AGENTS: Kind<EdgeAgent> = {
  ...AGENTS,
  list: 'ap infrastructure edge list --archived',
  named: (label) => ({ label, archived: 'only' }),
};

const findAgent = (api: Api, text: string): Promise<Answer<EdgeAgent>> => find(api, AGENTS, text);
