import { asId, newEvent } from '@app/kernel';
import {
  AgentArchived,
  AgentEnrolled,
  type AgentId,
  AgentRevoked,
  AgentStatusChanged,
  AgentSynced,
  AgentUnarchived,
  JoinTokenIssued,
  JoinTokenRedeemed,
  type SessionId,
  TunnelConnected,
  TunnelDisconnected,
  TunnelSuperseded,
} from '../src/events/index.js';

/** The facts of one agent, to tell histories with. */
export const about = { agent_id: asId<AgentId>('agent-berlin') };
export const token = { join_token_id: JoinTokenIssued.example.join_token_id };
export const issued = newEvent(JoinTokenIssued, JoinTokenIssued.example);
export const redeemed = newEvent(JoinTokenRedeemed, { ...token, ...about });
export const enrolled = newEvent(AgentEnrolled, { ...AgentEnrolled.example, ...about });
export const revoked = newEvent(AgentRevoked, { ...AgentRevoked.example, ...about });
export const archived = newEvent(AgentArchived, { ...about, reason: 'operator' });
export const unarchived = newEvent(AgentUnarchived, { ...about, reason: 'operator' });
export const synced = newEvent(AgentSynced, { ...AgentSynced.example, ...about });
export const changed = (
  from: AgentStatusChanged['from'],
  to: AgentStatusChanged['to'],
  reason: AgentStatusChanged['reason'] = 'connection_lost',
) => newEvent(AgentStatusChanged, { ...AgentStatusChanged.example, ...about, from, to, reason });

export const session = (n: number): SessionId => asId<SessionId>(`session-${n}`);
export const connected = (epoch: number) =>
  newEvent(TunnelConnected, { ...TunnelConnected.example, ...about, session_id: session(epoch), epoch });
export const disconnected = (epoch: number, more: Partial<TunnelDisconnected> = {}) =>
  newEvent(TunnelDisconnected, { ...TunnelDisconnected.example, ...about, session_id: session(epoch), epoch, ...more });
export const superseded = (epoch: number, connected_ms = 86_214) =>
  newEvent(TunnelSuperseded, { ...about, session_id: session(epoch), epoch, by_session_id: session(epoch + 1), connected_ms });

export { EdgeProcess } from './edge-process.js';
export { eventually } from './eventually.js';
export { GATEWAY, ScriptedAgent, newIdentity } from './scripted-agent.js';
export type { Identity } from './scripted-agent.js';
