import { IsIn, IsInt, Min } from 'class-validator';
import { DomainEvent, type Instant, IsId, IsInstant, IsName, IsText, asId } from '@app/kernel';
import { HOSTNAME_LENGTH } from './agent-enrolled.event.js';
import type { AgentId } from './agent-id.js';
import type { SessionId } from './session-id.js';

export const REMOTES = ['loopback', 'private', 'public'] as const;
export type Remote = (typeof REMOTES)[number];

/**
 * An agent proved who it is, and its tunnel stands.
 *
 * Invariant   of one agent one tunnel stands at a time: where another stood, its end is stored together with this.
 * Not this    that the agent is well. That is judged, and is `edge.agent.status-changed`.
 */
@DomainEvent
export class TunnelConnected {
  static readonly kind = 'fact';
  static readonly type = 'edge.tunnel.connected';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: TunnelConnected = {
    agent_id: asId('agent-7c9e66797425de94'),
    session_id: asId('0197a7a2-5b7e-7c9e-8425-40de944be07f'),
    epoch: 4,
    remote: 'private',
    version: '0.1.0',
    hostname: 'edge-1.berlin.example',
    os: 'linux x64 6.12',
    started_at: '2026-02-01T11:59:58.120Z',
    instance_uid: '0197a7a2-5b7e-7c9e-8425-000000000001',
    boot_id: '0197a7a2-5b7e-7c9e-8425-000000000002',
  };
  static readonly streamId = (data: TunnelConnected): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsId() readonly session_id: SessionId;

  /** Counts the tunnels of this agent, from 1. */
  @IsInt() @Min(1) readonly epoch: number;

  /** What kind of address it came from; a proxy's, where there is one. */
  @IsIn(REMOTES) readonly remote: Remote;

  @IsText(64) readonly version: string;

  @IsName(HOSTNAME_LENGTH) readonly hostname: string;

  @IsText(128) readonly os: string;

  /** When the agent's process started, by its own clock. */
  @IsInstant() readonly started_at: Instant;

  /** The installation; a copy of its directory has the same. */
  @IsId() readonly instance_uid: string;

  /** One run of it. */
  @IsId() readonly boot_id: string;
}
