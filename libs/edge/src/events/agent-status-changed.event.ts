import { ArrayMaxSize, IsIn, IsInt, Min } from 'class-validator';
import { type Details, DomainEvent, type Instant, IsDetails, IsId, IsInstant, IsNullable, IsText, asId, storedSentence } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import { AGENT_REASONS, type AgentReason } from './agent-reason.js';
import { AGENT_STATUSES, type AgentStatus } from './agent-status.js';

/** Its sentence was stored, and named what was so when it was judged. */
class AgentStatusChangedV1 {
  static readonly example: AgentStatusChangedV1 = {
    agent_id: asId('agent-7c9e66797425de94'),
    from: 'reconnecting',
    to: 'disconnected',
    reason: 'connection_lost',
    sentence: 'The connection broke without a goodbye, and the agent did not come back within 15 s.',
    since: '2026-02-01T12:00:15.031Z',
    last_good_at: '2026-02-01T12:00:00.120Z',
    expected_back_at: null,
    evidence: ['f81727'],
    policy_version: 1,
  };
  static readonly toNext = ({ sentence, ...rest }: AgentStatusChangedV1): AgentStatusChanged => ({
    ...rest,
    details: storedSentence(sentence),
  });

  @IsId() readonly agent_id: AgentId;

  @IsIn(AGENT_STATUSES) readonly from: AgentStatus;

  @IsIn(AGENT_STATUSES) readonly to: AgentStatus;

  @IsNullable() @IsIn(AGENT_REASONS) readonly reason: AgentReason | null;

  @IsText(500) readonly sentence: string;

  @IsInstant() readonly since: Instant;

  @IsNullable() @IsInstant() readonly last_good_at: Instant | null;

  @IsNullable() @IsInstant() readonly expected_back_at: Instant | null;

  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];

  @IsInt() @Min(1) readonly policy_version: number;
}

/**
 * An agent was judged to be something else than before, or to be so for another reason (`from` is then `to`).
 *
 * Emitted by  write/change-agent-status, which the process asks that holds the tunnels.
 * Invariant   `from` is the `to` of the one before; the first is from `enrolled`.
 * Not this    a revocation, which is `edge.agent.revoked`.
 */
@DomainEvent
export class AgentStatusChanged {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.status-changed';
  static readonly version = 2;
  static readonly past = { 1: AgentStatusChangedV1 };
  static readonly example: AgentStatusChanged = {
    agent_id: asId('agent-7c9e66797425de94'),
    from: 'reconnecting',
    to: 'disconnected',
    reason: 'connection_lost',
    details: { lost: 'broken', absent_ms: 15_000 },
    since: '2026-02-01T12:00:15.031Z',
    last_good_at: '2026-02-01T12:00:00.120Z',
    expected_back_at: null,
    evidence: ['f81727'],
    policy_version: 1,
  };
  static readonly streamId = (data: AgentStatusChanged): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsIn(AGENT_STATUSES) readonly from: AgentStatus;

  @IsIn(AGENT_STATUSES) readonly to: AgentStatus;

  /** null: it is connected, and nothing is wrong. */
  @IsNullable() @IsIn(AGENT_REASONS) readonly reason: AgentReason | null;

  /** What was measured and named. The sentence is made of it when it is read. */
  @IsDetails() readonly details: Details;

  /** Since when it is `to`, by the clock of the process that judges: the log itself may have been what was down. */
  @IsInstant() readonly since: Instant;

  /** When the agent was last heard; null: not since that process started. */
  @IsNullable() @IsInstant() readonly last_good_at: Instant | null;

  /** When it promised to be back. */
  @IsNullable() @IsInstant() readonly expected_back_at: Instant | null;

  /** Positions of the events it was judged by. */
  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];

  /** The thresholds in force. */
  @IsInt() @Min(1) readonly policy_version: number;
}
