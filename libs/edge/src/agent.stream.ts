import { type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { AgentReason, AgentStatus, AgentSynced } from './events/index.js';

/** The last status, as far as whoever judges next must know it. */
export interface LastStatus {
  readonly status: AgentStatus;
  readonly reason: AgentReason | null;
  readonly since: Instant;
  readonly last_good_at: Instant | null;
  readonly expected_back_at: Instant | null;
}

/** Apart from its right to connect. */
interface Kept {
  /** It is not meant to last. */
  readonly ephemeral: boolean;
  readonly archived: boolean;
}

export interface Enrolled extends Kept {
  readonly hostname: string;
  readonly public_key: string;
  readonly evaluation: LastStatus;
  /** What it reported last; null: nothing yet. */
  readonly synced: AgentSynced | null;
}

/**
 * unknown -> enrolled -> revoked, for ever. An enrolled one may be held, after the log was accepted as it is: then it is refused, and nothing
 * is judged of it, until it is released. The key of a revoked one is kept: only who holds it is told that it is revoked. Each of them may be
 * archived, which takes no right away.
 */
export type Agent =
  | { lifecycle: 'unknown' }
  | ({ lifecycle: 'enrolled' | 'held' } & Enrolled)
  | ({ lifecycle: 'revoked'; public_key: string; since: Instant } & Kept);

type KnownAgent = Exclude<Agent, { lifecycle: 'unknown' | 'revoked' }>;

const whileEnrolled =
  <E>(change: (agent: KnownAgent, event: E) => Agent) =>
  (agent: Agent, event: E): Agent =>
    agent.lifecycle === 'enrolled' || agent.lifecycle === 'held' ? change(agent, event) : agent;

const archived =
  (archived: boolean) =>
  (agent: Agent): Agent =>
    agent.lifecycle === 'unknown' ? agent : { ...agent, archived };

export const agent = streamOf('edge.agent', events).folds<Agent>({
  initial: { lifecycle: 'unknown' },
  evolve: {
    'edge.agent.enrolled': (_agent, { data: { hostname, public_key, ephemeral }, at }) => ({
      lifecycle: 'enrolled',
      hostname,
      public_key,
      evaluation: { status: 'enrolled', reason: 'never_connected', since: at, last_good_at: null, expected_back_at: null },
      synced: null,
      ephemeral,
      archived: false,
    }),
    'edge.agent.archived': archived(true),
    'edge.agent.unarchived': archived(false),
    'edge.agent.held': whileEnrolled((agent) => ({ ...agent, lifecycle: 'held' })),
    'edge.agent.released': whileEnrolled((agent, { at: since }) => ({
      ...agent,
      lifecycle: 'enrolled',
      evaluation: { ...agent.evaluation, status: 'unknown', reason: 'observer_unhealthy', since, expected_back_at: null },
    })),
    'edge.agent.revoked': whileEnrolled(({ public_key, ephemeral, archived }, { at: since }) => ({
      lifecycle: 'revoked',
      public_key,
      since,
      ephemeral,
      archived,
    })),
    'edge.agent.status-changed': whileEnrolled((agent, { data: { to, reason, since, last_good_at, expected_back_at } }) => ({
      ...agent,
      evaluation: { status: to, reason, since, last_good_at, expected_back_at },
    })),
    'edge.agent.synced': whileEnrolled((agent, { data }) => ({ ...agent, synced: data })),
  },
});

export const isArchived = (state: Agent): boolean => state.lifecycle !== 'unknown' && state.archived;
