import type { Details } from '@app/kernel';
import { gatewayHealth } from '../events/gateway-state.js';
import type { AgentReason, GatewaySnapshot } from '../events/index.js';

interface Known {
  readonly reason: AgentReason | null;
  /** As the status change or its latest evaluation had them. */
  readonly details: Details;
  readonly gateways: readonly Pick<GatewaySnapshot, 'name' | 'state' | 'reason' | 'sentence'>[];
  /** Share of the disk in use, 0 to 1; null: the agent does not say. */
  readonly diskRatio: number | null;
}

/** Details of a status at the time of reading: names and shares come from what the agent reported last. */
export function detailsNow({ reason, details, gateways, diskRatio }: Known): Details {
  if (reason === 'disk_full' && diskRatio !== null) return { disk_share: diskRatio };
  if (reason !== 'dependency_down') return details;
  const troubled = gateways.filter(isTroubled);
  const [first] = troubled;
  if (first === undefined) return details;
  const names = { gateways: troubled.map(({ name }) => name), total: gateways.length };
  return troubled.length === 1 ? { ...names, serves: first.state === 'ready', said: first.sentence } : names;
}

/** A gateway that starts or drains is expected to serve again soon. */
export const isTroubled = (gateway: Pick<GatewaySnapshot, 'state' | 'reason'>): boolean =>
  !['starting', 'draining'].includes(gateway.state) && gatewayHealth(gateway) !== 'up';
