import { ArrayMaxSize, IsIn } from 'class-validator';
import { type Details, DomainEvent, IsDetails, IsId, IsNullable, IsText, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import { AGENT_REASONS, type AgentReason } from './agent-reason.js';
import { AGENT_STATUSES, type AgentStatus } from './agent-status.js';

/**
 * An evaluation left status and reason of an agent as they are, and found other details. Telemetry: at most one every 5 s and agent; a
 * roll-up keeps the last. Stored after the fact that it details.
 *
 * Not this    that the agent is something else now. That is `edge.agent.status-changed`.
 */
@DomainEvent
export class EvaluationUpdated {
  static readonly kind = 'telemetry';
  static readonly type = 'edge.evaluation.updated';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: EvaluationUpdated = {
    agent_id: asId('agent-7c9e66797425de94'),
    status: 'degraded',
    reason: 'dependency_down',
    details: { gateways: ['main', 'lab'] },
    evidence: ['t81736'],
  };
  static readonly streamId = (data: EvaluationUpdated): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsIn(AGENT_STATUSES) readonly status: AgentStatus;

  /** null: it is connected, and nothing is wrong. */
  @IsNullable() @IsIn(AGENT_REASONS) readonly reason: AgentReason | null;

  /** What the sentence is made of. */
  @IsDetails() readonly details: Details;

  /** Position of the last heartbeat of the agent that was kept. */
  @ArrayMaxSize(16) @IsText(64, { each: true }) readonly evidence: readonly string[];
}
