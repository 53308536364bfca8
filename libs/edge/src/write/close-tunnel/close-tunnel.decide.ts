import { type Rule, newEvent } from '@app/kernel';
import { TunnelDisconnected } from '../../events/index.js';
import { type TunnelState, tunnel } from '../../tunnel.stream.js';

export type TunnelToClose = Omit<TunnelDisconnected, 'epoch'>;

/** A tunnel ended. Of one that does not stand the log knows the end already. */
export const closeTunnel: Rule<TunnelState, TunnelToClose, typeof TunnelDisconnected> = {
  on: ({ agent_id }) => tunnel.of(agent_id),
  passesUnreadable: true,
  decide: ({ epoch, standing }, { data }) => (standing === data.session_id ? [newEvent(TunnelDisconnected, { ...data, epoch })] : []),
};
