import type { Rows } from '@app/read-store';
import type { EdgeTunnel } from './agent-tunnels.view.js';

const TUNNELS = `
  SELECT session_id, agent_id, epoch, remote, version, hostname, boot_id, connected_at, ended_at, end_reason, close_code, connected_ms
    FROM read.agent_tunnels
   WHERE agent_id = $1
   ORDER BY epoch DESC`;

/** The last tunnels of one agent, the newest first. */
export async function listTunnels(db: Rows, agentId: string): Promise<EdgeTunnel[]> {
  return (await db.query(TUNNELS, [agentId])).rows as EdgeTunnel[];
}
