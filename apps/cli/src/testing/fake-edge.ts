import type { EdgeAgent, Ping } from '../contract.js';
import { type FakeRoute, type Replies, type Reply, assertFields, problem } from './fake-replies.js';
import { NOW } from './sample.js';

export const JOIN_TOKEN = `cbj_${'J'.repeat(43)}`;
export const JOIN_LINE = `printf %s '${JOIN_TOKEN}' | npm run -s edge-agent -- join --server http://127.0.0.1:4601`;

/** Edge agents, and the way in for new ones. */
export class FakeEdge {
  readonly agents: EdgeAgent[] = [];
  ping: Ping = { ok: true, rtt_ms: 31, sentence: 'It answered through its tunnel.' };
  isRunning = true;
  /** Before the agents are read, each time: what becomes of them meanwhile. */
  meanwhile: () => void = () => {};
  private tokens = 0;

  constructor(private readonly replies: Replies) {}

  readonly routes: readonly FakeRoute[] = [
    ['GET /edge-agents', 'viewer', ({ query }) => this.list(query)],
    ['GET /edge-agents/([^/]+)', 'viewer', ({ query }, id) => this.replies.envelope(query, this.agentOf(id!, true))],
    ['POST /edge-agents/enroll', 'operator', ({ body }) => this.enroll(body)],
    ['POST /edge-agents/([^/]+)/ping', 'operator', (_, id) => this.pinged(id!)],
    ['POST /edge-agents/([^/]+)/archive', 'operator', (_, id) => this.archive(id!, NOW)],
    ['POST /edge-agents/([^/]+)/unarchive', 'operator', (_, id) => this.archive(id!, null)],
    ['POST /edge-agents/([^/]+)/revoke', 'admin', ({ body }, id) => this.revoke(id!, body)],
  ];

  private list({ status, q, join_token_id, label, archived, ...query }: Record<string, string>): Reply {
    this.meanwhile();
    const wanted = archived ?? (label === undefined ? 'exclude' : 'include');
    const isInUse = (one: EdgeAgent) => one.archived_at === null && one.lifecycle !== 'revoked';
    const isTaken = archived === undefined && this.agents.some((one) => one.label === label && isInUse(one));
    const isMeant = (one: EdgeAgent) =>
      (status ?? one.status) === one.status &&
      (label ?? one.label) === one.label &&
      (wanted === 'include' || (wanted === 'only') === (one.archived_at !== null)) &&
      (!isTaken || isInUse(one)) &&
      (join_token_id ?? one.join_token_id) === one.join_token_id &&
      `${one.label} ${one.hostname} ${one.agent_id}`.includes(q ?? '');
    return this.replies.page(query, this.agents.filter(isMeant));
  }

  private agentOf(id: string, isRead = false): EdgeAgent {
    if (isRead) this.meanwhile();
    const found = this.agents.find(({ agent_id }) => agent_id === id);
    if (found === undefined) throw problem(404, 'edge.agent-unknown', `No edge agent ${id} is enrolled.`, 'List the edge agents.');
    return found;
  }

  private enroll(body: unknown): Reply {
    assertFields(body, ['label', 'hostname_pattern', 'ephemeral', 'gateway', 'gateway_token_file']);
    this.tokens += 1;
    const expires_at = new Date(Date.parse(NOW) + 30 * 60_000).toISOString();
    return this.replies.accepted({ join_token_id: `join-${this.tokens}`, join_token: JOIN_TOKEN, expires_at, command: JOIN_LINE });
  }

  private pinged(id: string): Reply {
    this.agentOf(id);
    if (!this.isRunning) throw problem(503, 'edge.not-running', 'No edge process answers.', 'Start it, then try again.');
    return { status: 200, body: this.ping };
  }

  private archive(id: string, at: string | null): Reply {
    const found = this.agentOf(id);
    this.agents[this.agents.indexOf(found)] = { ...found, archived_at: at };
    return this.replies.accepted();
  }

  private revoke(id: string, body: unknown): Reply {
    assertFields(body, ['note']);
    const words = { reason: 'revoked', sentence: 'Revoked by an operator.' };
    Object.assign(this.agentOf(id), { status: 'revoked', lifecycle: 'revoked', health: 'unknown', since: NOW, ...words });
    return this.replies.accepted();
  }
}
