import { streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { PeerId } from './events/index.js';

/** Which of our peers has this `remote_peer_id`; null: it is free. */
export interface RemotePeer {
  readonly peer_id: PeerId | null;
}

export const remotePeer = streamOf('federation.remote-peer', events).folds<RemotePeer>({
  initial: { peer_id: null },
  evolve: {
    'federation.remote-peer.reserved': (_remote, { data }) => ({ peer_id: data.peer_id }),
    'federation.remote-peer.released': () => ({ peer_id: null }),
  },
});
