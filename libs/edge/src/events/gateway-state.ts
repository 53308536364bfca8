import type { Health } from '@app/kernel';
import {
  CAPABILITIES,
  CHANNEL_ERRORS,
  GATEWAY_REASONS as REPORTED_REASONS,
  GATEWAY_STATES as REPORTED_STATES,
  TIER_LIMITS,
  type TierLimit,
} from '../tunnel.frames.js';

export { CAPABILITIES, CHANNEL_ERRORS };
/** What agents report, and what this side says of a gateway that changes too often. */
export const GATEWAY_STATES = [...REPORTED_STATES, 'flapping'] as const;
export const GATEWAY_REASONS = [...REPORTED_REASONS, 'flapping'] as const;
export const TIER_LIMIT_CODES = Object.keys(TIER_LIMITS) as TierLimit[];
export type { TierLimit };
export type Capability = (typeof CAPABILITIES)[number];
export type ChannelError = (typeof CHANNEL_ERRORS)[number];
export type GatewayState = (typeof GATEWAY_STATES)[number];
export type GatewayReason = (typeof GATEWAY_REASONS)[number];

const HEALTH: Readonly<Record<GatewayState, Health>> = {
  ready: 'up',
  starting: 'degraded',
  draining: 'degraded',
  not_ready: 'degraded',
  flapping: 'degraded',
  unauthorised: 'degraded',
  unreachable: 'down',
  not_openclaw: 'down',
};

/** How a gateway is that its agent speaks of now. One that is ready and has a reason serves, and something in it is not well. */
export const gatewayHealth = ({ state, reason }: { readonly state: GatewayState; readonly reason: GatewayReason | null }): Health =>
  state === 'ready' && reason !== null ? 'degraded' : HEALTH[state];
