import { type Instant, streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { AgentId } from './events/index.js';

/** What the token lets in, as far as whoever redeems it must know. */
interface Issued {
  readonly label: string | null;
  readonly hostname_pattern: string | null;
  readonly ephemeral: boolean;
  readonly issued_at: Instant;
  readonly expires_at: Instant;
  readonly issued_by: string;
}

/** unknown -> open (issued) -> used, by one agent and for ever. That its time is over is no fact: whoever asks looks at the clock. */
export type JoinToken = { status: 'unknown' } | ({ status: 'open' } & Issued) | { status: 'used'; agent_id: AgentId };

export const joinToken = streamOf('edge.join-token', events).folds<JoinToken>({
  initial: { status: 'unknown' },
  evolve: {
    'edge.join-token.issued': (_token, { data: { label, hostname_pattern, ephemeral, expires_at }, at, actor }) => ({
      status: 'open',
      label,
      hostname_pattern,
      ephemeral,
      issued_at: at,
      expires_at,
      issued_by: actor,
    }),
    'edge.join-token.redeemed': (_token, { data: { agent_id } }) => ({ status: 'used', agent_id }),
  },
});
