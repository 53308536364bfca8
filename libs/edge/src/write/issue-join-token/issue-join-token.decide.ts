import { type Decider, newEvent, refuse } from '@app/kernel';
import { JoinTokenIssued } from '../../events/index.js';
import { type JoinToken, joinToken } from '../../join-token.stream.js';
import type { Refused } from '../../refusals.js';

/** What is asked is what happens: the endpoint has named the token, and knows from its table when it ends. */
export const issueJoinToken: Decider<JoinToken, JoinTokenIssued, typeof JoinTokenIssued, Refused<'edge.token-exists'>> = {
  on: ({ join_token_id }) => joinToken.of(join_token_id),
  decide: ({ status }, { data }) =>
    status === 'unknown' ? [newEvent(JoinTokenIssued, data)] : refuse('edge.token-exists', { join_token_id: data.join_token_id }),
};
