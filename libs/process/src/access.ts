import { ConfigInvalid, type ServersConfig } from '@app/config';
import { natsAccessOf, natsDiskFull } from '@app/runtime';
import type { Access } from './plumbing.js';

/** Where a process that brings no servers of its own finds them. Throws `ConfigInvalid` when it is not told. */
export function accessFrom({
  NATS_URL,
  DATABASE_URL,
  NATS_REPLICAS,
  FACTS_MAX_BYTES,
  CALLS_MAX_BYTES,
  LOG_LEVEL,
  NATS_MONITOR_URL,
}: ServersConfig): Access {
  if (NATS_URL === undefined || DATABASE_URL === undefined)
    throw new ConfigInvalid('NATS_URL and DATABASE_URL must be set: only the standalone process brings its own servers');
  return {
    nats: { ...natsAccessOf(NATS_URL), disk: () => natsDiskFull({ monitorUrl: NATS_MONITOR_URL }) },
    databaseUrl: DATABASE_URL,
    sizes: { replicas: NATS_REPLICAS, factsMaxBytes: FACTS_MAX_BYTES, callsMaxBytes: CALLS_MAX_BYTES },
    logLevel: LOG_LEVEL,
  };
}
