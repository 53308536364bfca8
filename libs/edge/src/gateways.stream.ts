import { streamOf } from '@app/kernel';
import * as events from './events/index.js';
import type { GatewayStatusChanged } from './events/index.js';
import type { Capability, GatewayReason, GatewayState } from './events/gateway-state.js';

/** How a gateway is, apart from its numbers. */
export interface ReportedGateway {
  readonly state: GatewayState;
  readonly capability: Capability;
  readonly version: string | null;
  readonly reason: GatewayReason | null;
}

/** The gateways that one agent knows, by name. */
export type Gateways = ReadonlyMap<string, ReportedGateway>;

export const gateways = streamOf('edge.gateway', events).folds<Gateways>({
  initial: new Map(),
  evolve: { 'edge.gateway.status-changed': (known, { data }) => after(known, data) },
});

function after(known: Gateways, { gateway, to, capability, version, reason }: GatewayStatusChanged): Gateways {
  const next = new Map(known);
  if (to === null) next.delete(gateway);
  else next.set(gateway, { state: to, capability, version, reason });
  return next;
}
