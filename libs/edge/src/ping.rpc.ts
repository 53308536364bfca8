/** Asked of every process that may hold the tunnel of an agent: `{ agent_id }`, answered `{ ok, rtt_ms, sentence }`. */
export const PING_REQUEST = 'edge.ping-agent';

export interface Pinged {
  readonly ok: boolean;
  readonly rtt_ms: number | null;
  readonly sentence: string;
}
