import { DomainEvent, IsId, asId } from '@app/kernel';
import type { AgentId } from './agent-id.js';
import type { JoinTokenId } from './join-token-id.js';

/**
 * An agent joined with this token, which is used up.
 *
 * Invariant   stored together with `edge.agent.enrolled`, so that no two agents join with one token.
 */
@DomainEvent
export class JoinTokenRedeemed {
  static readonly kind = 'fact';
  static readonly type = 'edge.join-token.redeemed';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: JoinTokenRedeemed = {
    join_token_id: asId('join-3f2a91bc04de77a1'),
    agent_id: asId('agent-7c9e66797425de94'),
  };
  static readonly streamId = (data: JoinTokenRedeemed): JoinTokenId => data.join_token_id;

  @IsId() readonly join_token_id: JoinTokenId;

  @IsId() readonly agent_id: AgentId;
}
