import { type Instant, projectionOf } from '@app/kernel';
import { TunnelConnected, TunnelDisconnected, TunnelSuperseded } from '../../events/index.js';
import { type EdgeTunnel, TunnelRow } from './agent-tunnels.view.js';

/** So many tunnels of each agent are shown; the next takes the row of the oldest. All of them are in the log. */
export const KEPT = 20;

const slotOf = ({ agent_id, epoch }: { readonly agent_id: string; readonly epoch: number }): string => `${agent_id}.${epoch % KEPT}`;

/** The last tunnels of every agent. Rebuilds from an empty table. */
export const agentTunnels = projectionOf(TunnelRow)({
  table: 'agent_tunnels',
  version: 1,
  id: 'slot',
  indexes: [['agent_id', 'epoch']],
  reads: [TunnelConnected, TunnelDisconnected, TunnelSuperseded],
  key: (event) => slotOf(event.data),
  on: {
    'edge.tunnel.connected': (_before, { data, at }) => ({
      slot: slotOf(data),
      session_id: data.session_id,
      agent_id: data.agent_id,
      epoch: data.epoch,
      remote: data.remote,
      version: data.version,
      hostname: data.hostname,
      boot_id: data.boot_id,
      connected_at: at,
      ended_at: null,
      end_reason: null,
      close_code: null,
      connected_ms: null,
    }),
    'edge.tunnel.disconnected': (before, { data, at }) => ended(before, data.session_id, at, { ...data, end_reason: data.reason }),
    'edge.tunnel.superseded': (before, { data, at }) =>
      ended(before, data.session_id, at, { ...data, end_reason: 'superseded', close_code: null }),
  },
});

type End = Pick<EdgeTunnel, 'end_reason' | 'close_code' | 'connected_ms'>;

function ended(
  row: TunnelRow | undefined,
  sessionId: string,
  at: Instant,
  { end_reason, close_code, connected_ms }: End,
): TunnelRow | null {
  if (row?.session_id !== sessionId) return row ?? null;
  return { ...row, ended_at: at, end_reason, close_code, connected_ms };
}
