import { IsIn, IsInt, Min } from 'class-validator';
import { DomainEvent, IsId, IsNullable, IsText, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';

/** Why a hello was not accepted. Closed: programs branch on these. */
export const REJECTIONS = [
  'signature_invalid', //   not signed by its key, or for an address that this instance does not have
  'address_mismatch', //    signed for an address that this instance does not have, as the agent says itself
  'address_ended', //       signed for an alias that ended
  'revoked',
  'held',
  'version_unsupported', // no version of the tunnel in common
  'duplicate_identity', //  another process has the same identity
  'rate_limited', //        too many tunnels within a minute
] as const;
export type Rejection = (typeof REJECTIONS)[number];

/**
 * Somebody who says to be an agent was not let in. Telemetry: at once, then once a minute at most; a roll-up keeps the last.
 *
 * Not this    proof that it was the agent: a `signature_invalid` can come from anybody who knows its id.
 */
@DomainEvent
export class HandshakeRejected {
  static readonly kind = 'telemetry';
  static readonly type = 'edge.handshake.rejected';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: HandshakeRejected = {
    agent_id: asId('agent-7c9e66797425de94'),
    reason: 'address_mismatch',
    address: 'http://localhost:4601',
    count: 3,
  };
  static readonly streamId = (data: HandshakeRejected): AgentId => data.agent_id;

  @IsId() readonly agent_id: AgentId;

  @IsIn(REJECTIONS) readonly reason: Rejection;

  /** By which it asked; null: it does not say, or the signature does not hold for it. */
  @IsNullable() @IsText(2_048) readonly address: string | null;

  /** Since the last tunnel of the agent began, or since the process started that counts. */
  @IsInt() @Min(1) readonly count: number;
}
