import { streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { SessionId } from './events/index.js';

/** Which tunnel of an agent stands, as the log has it. */
export interface TunnelState {
  /** Of the last tunnel; 0: there was none. */
  readonly epoch: number;
  /** Null: none stands. After a crash of the process that held it, one that the log still has does not. */
  readonly openSession: SessionId | null;
}

export const tunnel = streamOf('edge.tunnel', events).folds<TunnelState>({
  initial: { epoch: 0, openSession: null },
  evolve: {
    'edge.tunnel.connected': (_tunnel, { data: { epoch, session_id } }) => ({ epoch, openSession: session_id }),
    'edge.tunnel.disconnected': (tunnel, { data }) => ended(tunnel, data.session_id),
    'edge.tunnel.superseded': (tunnel, { data }) => ended(tunnel, data.session_id),
  },
});

const ended = (tunnel: TunnelState, sessionId: SessionId): TunnelState =>
  tunnel.openSession === sessionId ? { ...tunnel, openSession: null } : tunnel;
