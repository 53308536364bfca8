import type { StreamInfo } from '@nats-io/jetstream';

/** A replica that its leader has not heard for so long counts as gone, ms. Replicas answer each heartbeat, one a second. */
const REPLICA_SILENT_MS = 4_000;
const NANOS_A_MS = 1e6;

/**
 * Whether a stream can take a write: its leader said this, and hears a majority of the replicas. A leader that lost them goes on
 * answering for ten seconds before it steps down.
 */
export function hasQuorum({ cluster, config }: Pick<StreamInfo, 'cluster' | 'config'>): boolean {
  if (config.num_replicas <= 1) return true;
  if (cluster?.leader === undefined || cluster.leader === '') return false;
  const heard = (cluster.replicas ?? []).filter(({ offline, active }) => offline !== true && active / NANOS_A_MS < REPLICA_SILENT_MS);
  return 2 * (1 + heard.length) > config.num_replicas;
}
