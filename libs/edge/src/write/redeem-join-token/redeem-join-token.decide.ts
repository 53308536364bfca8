import { type Rule, newEvent, refuse, together } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { AgentEnrolled, type AgentId, type JoinTokenId, JoinTokenRedeemed } from '../../events/index.js';
import { hostnameMatches } from '../../hostname-matches.js';
import { type JoinToken, joinToken } from '../../join-token.stream.js';
import type { Refused } from '../../refusals.js';

/** What was asked, with what the door adds: which token it is, and the id that follows from token and key. */
export interface Joining {
  readonly join_token_id: JoinTokenId;
  readonly agent_id: AgentId;
  readonly public_key: string;
  readonly key_fingerprint: string;
  readonly hostname: string;
  readonly version: string;
  readonly os: string;
}

type Enrolment = typeof AgentEnrolled | typeof JoinTokenRedeemed;
type No = Refused<'edge.token-invalid'>;

/** Whoever may not join is not told why: the reasons are what somebody who tries tokens would like to know. */
export const redeemJoinToken: Rule<{ token: JoinToken; agent: Agent }, Joining, Enrolment, No> = {
  on: ({ join_token_id, agent_id }) => together({ token: joinToken.of(join_token_id), agent: agent.of(agent_id) }),
  decide: ({ token }, { data: { join_token_id, ...joining }, at }) => {
    const { agent_id, hostname } = joining;
    if (token.status === 'used' && token.agent_id === agent_id) return []; // The same key with the same token: its answer got lost.
    if (token.status !== 'open' || token.expires_at <= at) return refuse('edge.token-invalid');
    const { label, hostname_pattern, ephemeral, issued_by } = token;
    if (hostname_pattern !== null && !hostnameMatches(hostname_pattern, hostname)) return refuse('edge.token-invalid');
    const named = { label: label ?? (hostname.trim() || agent_id), ephemeral, enrolled_by: issued_by };
    return [newEvent(JoinTokenRedeemed, { join_token_id, agent_id }), newEvent(AgentEnrolled, { ...joining, ...named, join_token_id })];
  },
};
