import { IsBoolean, Matches } from 'class-validator';
import { DomainEvent, IsId, IsName, IsText, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import { IsLabel } from './agent-label.js';
import type { JoinTokenId } from './join-token-id.js';
import { IsFingerprint } from './key-fingerprint.js';

export const HOSTNAME_LENGTH = 253;
export const ACTOR_LENGTH = 128;

/**
 * An agent joined: from here on it is known by its key.
 *
 * Invariant   stored together with `edge.join-token.redeemed`.
 * Not this    that it is connected. That is `edge.tunnel.connected`.
 */
@DomainEvent
export class AgentEnrolled {
  static readonly kind = 'fact';
  static readonly type = 'edge.agent.enrolled';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: AgentEnrolled = {
    agent_id: asId('agent-7c9e66797425de94'),
    label: 'Berlin, rack 4',
    hostname: 'edge-1.berlin.example',
    version: '0.1.0',
    os: 'linux x64 6.12',
    public_key: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    key_fingerprint: '21fe-31df-a154-a261-626b-f854-046f-d227',
    ephemeral: false,
    join_token_id: asId('join-3f2a91bc04de77a1'),
    enrolled_by: 'token:7c9e6679-7425-40de-944b-e07fc1f90ae7',
  };
  static readonly streamId = (data: AgentEnrolled): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsLabel() readonly label: string;

  /** As the agent says it. */
  @IsName(HOSTNAME_LENGTH) readonly hostname: string;

  @IsText(64) readonly version: string;

  @IsText(128) readonly os: string;

  /** Ed25519, 32 bytes in base64url. Its private half never left the agent's host. */
  @Matches(/^[A-Za-z0-9_-]{43}$/) readonly public_key: string;

  @IsFingerprint() readonly key_fingerprint: string;

  @IsBoolean() readonly ephemeral: boolean;

  @IsId() readonly join_token_id: JoinTokenId;

  /** Who issued the token. */
  @IsText(ACTOR_LENGTH) readonly enrolled_by: string;
}
