import type { GatewayState } from '../../edge/src/events/gateway-state.js';
import type { ComponentStatus } from './events/component-status.js';
import type { GatewaysOfAgent } from './read/seen-gateways/seen-gateways.projection.js';

export type { GatewaysOfAgent };

/** One gateway that an edge agent sees. */
export interface ObservedGateway {
  readonly agent_id: string;
  /** What operators call the agent. */
  readonly label: string;
  /** `berlin-3/main`: unique where labels are. */
  readonly name: string;
  readonly state: GatewayState;
  /** unknown: its agent has no tunnel, so nobody looks. */
  readonly status: ComponentStatus;
  /** Of the report that says so. */
  readonly position: string;
}

const STATUS: Record<GatewayState, ComponentStatus> = {
  ready: 'green',
  starting: 'amber',
  draining: 'amber',
  not_ready: 'amber',
  flapping: 'amber',
  unauthorised: 'amber',
  unreachable: 'red',
  not_openclaw: 'red',
};

/** Those of archived and revoked agents are nobody's concern any more. */
export const seenGatewaysOf = (agents: readonly GatewaysOfAgent[]): ObservedGateway[] =>
  agents
    .filter(({ is_revoked, is_archived }) => !is_revoked && !is_archived)
    .flatMap(({ agent_id, label, status, gateways, position }) =>
      gateways.map(({ name, state }) => {
        const isSeen = status === 'connected' || status === 'degraded';
        return { agent_id, label, name: `${label}/${name}`, state, status: isSeen ? STATUS[state] : 'unknown', position } as const;
      }),
    );
