import { PROTO } from '../../../libs/edge/src/tunnel.protocol.js';
import { hostName, hostOs } from './host.js';
import type { Identity } from './state.js';
import type { Dial } from './tunnel.js';

export interface Process {
  bootId: string;
  version: string;
  /** Milliseconds since 1970. */
  startedAtMs: number;
}
/** What this agent knows to read and to answer. */
const CAPABILITIES = ['http', 'probe', 'read', 'ping'];

/** Everything of a hello but the signature. */
export const introduction = (
  identity: Identity,
  { bootId, version, startedAtMs }: Process,
  lastSeqAcked: number,
): ReturnType<Dial['hello']> => ({
  agent_id: identity.agent_id,
  instance_uid: identity.instance_uid,
  boot_id: bootId,
  last_seq_acked: lastSeqAcked,
  proto: { min: PROTO, max: PROTO },
  version,
  hostname: hostName(),
  os: hostOs(),
  started_at: new Date(startedAtMs).toISOString(),
  capabilities: CAPABILITIES,
  address: identity.server,
});
