import { type Decider, newEvent, plainName } from '@app/kernel';
import { HOSTNAME_LENGTH } from '../../events/agent-enrolled.event.js';
import { type SessionId, TunnelConnected, TunnelDisconnected, TunnelSuperseded } from '../../events/index.js';
import { type TunnelState, tunnel } from '../../tunnel.stream.js';

export interface TunnelToOpen extends Omit<TunnelConnected, 'epoch'> {
  /** The tunnel of this agent that the same process still holds; null: it holds none. */
  readonly held: { readonly session_id: SessionId; readonly connected_ms: number } | null;
}
type Opening = typeof TunnelConnected | typeof TunnelDisconnected | typeof TunnelSuperseded;

/** A tunnel stands; one that stood before stands no more, and the log says how it ended as well as anybody knows. */
export const openTunnel: Decider<TunnelState, TunnelToOpen, Opening> = {
  on: ({ agent_id }) => tunnel.of(agent_id),
  decide: ({ epoch, openSession }, { data: { held, ...opened } }) => {
    if (openSession === opened.session_id) return [];
    const hostname = plainName(opened.hostname, HOSTNAME_LENGTH);
    const connected = newEvent(TunnelConnected, { ...opened, hostname, epoch: epoch + 1 });
    if (openSession === null) return [connected];
    const former = { agent_id: opened.agent_id, session_id: openSession, epoch };
    if (held?.session_id !== openSession)
      return [newEvent(TunnelDisconnected, { ...former, reason: 'server_lost', close_code: null, connected_ms: null }), connected];
    const { connected_ms } = held;
    return [newEvent(TunnelSuperseded, { ...former, by_session_id: opened.session_id, connected_ms }), connected];
  },
};
