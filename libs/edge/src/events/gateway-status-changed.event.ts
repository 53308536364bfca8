import { IsIn } from 'class-validator';
import { DomainEvent, IsId, IsNullable, IsText, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import { CAPABILITIES, type Capability, GATEWAY_REASONS, GATEWAY_STATES, type GatewayReason, type GatewayState } from './gateway-state.js';

export const VERSION_LENGTH = 64;

/**
 * A gateway beside an agent is something else than it was, as that agent says.
 *
 * Invariant   `from` is the `to` of the one before of this gateway. `to` null: the agent knows it no more.
 * Not this    what its numbers are: `edge.gauges.received`.
 */
@DomainEvent
export class GatewayStatusChanged {
  static readonly kind = 'fact';
  static readonly type = 'edge.gateway.status-changed';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: GatewayStatusChanged = {
    agent_id: asId('agent-7c9e66797425de94'),
    gateway: 'main',
    from: 'ready',
    to: 'unreachable',
    capability: 'probe',
    version: '2026.9.6',
    reason: 'connect_refused',
    sentence: '127.0.0.1:18789 refuses connections.',
  };
  /** All gateways of one agent are one stream: they are told of together, by it alone. */
  static readonly streamId = (data: GatewayStatusChanged): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  /** Its name within the agent. */
  @IsText(128) readonly gateway: string;

  /** Null: it was not known. */
  @IsNullable() @IsIn(GATEWAY_STATES) readonly from: GatewayState | null;

  @IsNullable() @IsIn(GATEWAY_STATES) readonly to: GatewayState | null;

  @IsIn(CAPABILITIES) readonly capability: Capability;

  @IsNullable() @IsText(VERSION_LENGTH) readonly version: string | null;

  @IsNullable() @IsIn(GATEWAY_REASONS) readonly reason: GatewayReason | null;

  @IsText(512) readonly sentence: string;
}
