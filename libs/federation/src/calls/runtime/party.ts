import type { CallAsked } from './call.js';

/** Whose share a call takes: that of the peer it comes from, or of the token that it was made with here. */
export const partyOf = ({ direction, peer_id, actor }: Pick<CallAsked, 'direction' | 'peer_id' | 'actor'>): string =>
  direction === 'in' ? `peer:${peer_id}` : actor;
