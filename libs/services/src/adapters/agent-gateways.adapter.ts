import type pg from 'pg';
import { run } from '@app/read-store';
import { AgentGateways } from '../runtime/ports.js';
import { type GatewaysOfAgent, type ObservedGateway, seenGatewaysOf } from '../seen-gateways.js';

const ALL = `
  SELECT agent_id, label, status, is_revoked, is_archived, gateways, position
    FROM read.seen_gateways
   WHERE NOT is_revoked AND NOT is_archived
   ORDER BY label, agent_id`;

/** From the read model, which only PostgreSQL has. */
export class AgentGatewaysInRows extends AgentGateways {
  constructor(private readonly pool: pg.Pool) {
    super();
  }

  async all(): Promise<ObservedGateway[]> {
    return seenGatewaysOf((await run(this.pool, { text: ALL })).rows as GatewaysOfAgent[]);
  }
}
