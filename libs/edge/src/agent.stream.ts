import { type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { AgentReason, AgentStatus, AgentSynced } from './events/index.js';

/** The last verdict, as far as whoever judges next must know it. */
export interface LastVerdict {
  readonly status: AgentStatus;
  readonly reason: AgentReason | null;
  readonly since: Instant;
  readonly last_good_at: Instant | null;
  readonly expected_back_at: Instant | null;
}

export interface Enrolled {
  readonly hostname: string;
  readonly public_key: string;
  readonly verdict: LastVerdict;
  /** What it reported last; null: nothing yet. */
  readonly synced: AgentSynced | null;
}

/** unknown -> enrolled -> revoked, for ever. The key of a revoked one is kept: only who holds it is told that it is revoked. */
export type Agent = { lifecycle: 'unknown' } | ({ lifecycle: 'enrolled' } & Enrolled) | { lifecycle: 'revoked'; public_key: string };

const whileEnrolled =
  <E>(change: (agent: Extract<Agent, { lifecycle: 'enrolled' }>, event: E) => Agent) =>
  (agent: Agent, event: E): Agent =>
    agent.lifecycle === 'enrolled' ? change(agent, event) : agent;

export const agent = streamOf('edge.agent', events).folds<Agent>({
  initial: { lifecycle: 'unknown' },
  evolve: {
    'edge.agent.enrolled': (_agent, { data: { hostname, public_key }, at }) => ({
      lifecycle: 'enrolled',
      hostname,
      public_key,
      verdict: { status: 'enrolled', reason: 'never_connected', since: at, last_good_at: null, expected_back_at: null },
      synced: null,
    }),
    'edge.agent.revoked': whileEnrolled(({ public_key }) => ({ lifecycle: 'revoked', public_key })),
    'edge.agent.status-changed': whileEnrolled((agent, { data: { to, reason, since, last_good_at, expected_back_at } }) => ({
      ...agent,
      verdict: { status: to, reason, since, last_good_at, expected_back_at },
    })),
    'edge.agent.synced': whileEnrolled((agent, { data }) => ({ ...agent, synced: data })),
  },
});
