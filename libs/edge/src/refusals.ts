import type { RefusalCatalogue } from '@app/kernel';

/** Every no this context can say. The code is public and never changes; the words may. */
export const refusals = {
  'edge.agent-unknown': {
    kind: 'not-found',
    title: 'Edge agent unknown',
    detail: 'No edge agent {agent_id} is enrolled.',
    next: 'List the edge agents to see which there are.',
  },
  'edge.agent-revoked': {
    kind: 'conflict',
    title: 'Edge agent revoked',
    detail: 'The edge agent {agent_id} is revoked, and nothing more is recorded of it.',
    next: 'Enroll it anew, with another join token.',
  },
  'edge.token-exists': {
    kind: 'conflict',
    title: 'Join token already issued',
    detail: 'This Idempotency-Key issued the join token {join_token_id}; it was used, is older than ten minutes, or was another.',
    next: 'Ask without it, or with another, for another token.',
  },
  'edge.token-invalid': {
    kind: 'invalid',
    title: 'Join token not accepted',
    detail: 'The join token is unknown, used, expired, or meant for another host.',
    next: 'Get a new one: npx --no-install ap infrastructure edge enroll, or the Edge Agents section of the page.',
  },
  'edge.status-overtaken': {
    kind: 'conflict',
    title: 'Verdict overtaken',
    detail: 'The log already has {agent_id} as {status}; this verdict was reached from {from}.',
    next: 'Go on from what the log has.',
  },
} as const satisfies RefusalCatalogue<'edge'>;

/** Codes of this catalogue; without a parameter all of them. */
export type Refused<Code extends keyof typeof refusals = keyof typeof refusals> = Code;
