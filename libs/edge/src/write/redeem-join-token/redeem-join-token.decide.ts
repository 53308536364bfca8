import { type Decider, newEvent, plainName, plainText, refuse, together } from '@app/kernel';
import { type Agent, agent } from '../../agent.stream.js';
import { LABEL_LENGTH } from '../../events/agent-label.js';
import { ACTOR_LENGTH, HOSTNAME_LENGTH } from '../../events/agent-enrolled.event.js';
import { AgentEnrolled, type AgentId, type JoinTokenId, JoinTokenRedeemed } from '../../events/index.js';
import { hostnameMatches } from '../../hostname-matches.js';
import { type JoinToken, joinToken } from '../../join-token.stream.js';
import type { Refused } from '../../refusals.js';

/** What was asked, with what the endpoint adds: which token it is, and the id that follows from token and key. */
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
export const redeemJoinToken: Decider<{ token: JoinToken; agent: Agent }, Joining, Enrolment, No> = {
  on: ({ join_token_id, agent_id }) => together({ token: joinToken.of(join_token_id), agent: agent.of(agent_id) }),
  decide: ({ token }, { data: { join_token_id, ...joining }, at }) => {
    const { agent_id, hostname } = joining;
    if (token.status === 'used' && token.agent_id === agent_id) return []; // The same key with the same token: its answer got lost.
    if (token.status !== 'open' || token.expires_at <= at) return refuse('edge.token-invalid');
    const { label, hostname_pattern, ephemeral, issued_by } = token;
    if (hostname_pattern !== null && !hostnameMatches(hostname_pattern, hostname)) return refuse('edge.token-invalid');
    // The label was stored by the release that issued the token, which may have taken other characters for visible.
    const named = {
      label: plainName(label ?? (hostname.trim() || agent_id), LABEL_LENGTH),
      hostname: plainName(hostname, HOSTNAME_LENGTH),
    };
    const enrolled = { ...joining, ...named, ephemeral, enrolled_by: plainText(issued_by, ACTOR_LENGTH), join_token_id };
    return [newEvent(JoinTokenRedeemed, { join_token_id, agent_id }), newEvent(AgentEnrolled, enrolled)];
  },
};
