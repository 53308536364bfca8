import { IsBoolean, IsIn, IsString } from 'class-validator';
import { IsId, IsListOf, IsText, Position, existing, projectionOf } from '@app/kernel';
import { AGENT_STATUSES, type AgentStatus } from '../../../../edge/src/events/agent-status.js';
import { GATEWAY_STATES, type GatewayState } from '../../../../edge/src/events/gateway-state.js';
import {
  AgentArchived,
  AgentEnrolled,
  AgentHeld,
  AgentReleased,
  AgentRevoked,
  AgentStatusChanged,
  AgentSynced,
  AgentUnarchived,
} from '../../../../edge/src/events/index.js';

export class GatewayOfAgent {
  /** Unique within its agent. */
  @IsText(128) readonly name: string;

  @IsIn(GATEWAY_STATES) readonly state: GatewayState;
}

/** The gateways beside one edge agent, as that agent last said. */
export class GatewaysOfAgent {
  @IsId() agent_id: string;

  @IsString() label: string;

  @IsIn(AGENT_STATUSES) status: AgentStatus;

  @IsBoolean() is_revoked: boolean;

  @IsBoolean() is_archived: boolean;

  @IsListOf(GatewayOfAgent, 32) gateways: GatewayOfAgent[];

  /** Of the last report. */
  @IsString() position: string;
}

/** Every edge agent with its gateways: they are gateways of this instance as much as those that it probes itself. */
export const seenGateways = projectionOf(GatewaysOfAgent)({
  table: 'seen_gateways',
  version: 1,
  id: 'agent_id',
  reads: [AgentArchived, AgentEnrolled, AgentHeld, AgentReleased, AgentRevoked, AgentStatusChanged, AgentSynced, AgentUnarchived],
  key: (event) => event.data.agent_id,
  on: {
    'edge.agent.enrolled': (_before, { data: { agent_id, label }, position }) => ({
      agent_id,
      label,
      status: 'enrolled',
      is_revoked: false,
      is_archived: false,
      gateways: [],
      position: new Position({ facts: position }).format(),
    }),
    'edge.agent.archived': (before, event) => ({ ...existing(before, event), is_archived: true }),
    'edge.agent.unarchived': (before, event) => ({ ...existing(before, event), is_archived: false }),
    'edge.agent.held': (before, event) => ({ ...existing(before, event), status: 'quarantined' }),
    'edge.agent.released': (before, event) => ({ ...existing(before, event), status: 'unknown' }),
    'edge.agent.revoked': (before, event) => ({ ...existing(before, event), status: 'revoked', is_revoked: true }),
    'edge.agent.status-changed': (before, event) => ({ ...existing(before, event), status: event.data.to }),
    'edge.agent.synced': (before, event) => ({
      ...existing(before, event),
      gateways: event.data.gateways.map(({ name, state }) => ({ name, state })),
      position: new Position({ facts: event.position }).format(),
    }),
  },
});
