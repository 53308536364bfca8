import { type Decider, newEvent } from '@app/kernel';
import { TunnelDisconnected } from '../../events/index.js';
import { type TunnelState, tunnel } from '../../tunnel.stream.js';

export type TunnelToClose = Omit<TunnelDisconnected, 'epoch'>;

/** A tunnel ended. Of one that does not stand the log knows the end already. */
export const closeTunnel: Decider<TunnelState, TunnelToClose, typeof TunnelDisconnected> = {
  on: ({ agent_id }) => tunnel.of(agent_id),
  passesUnreadable: true,
  decide: ({ epoch, openSession }, { data }) => (openSession === data.session_id ? [newEvent(TunnelDisconnected, { ...data, epoch })] : []),
};
