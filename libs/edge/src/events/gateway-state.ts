import { CAPABILITIES, GATEWAY_REASONS as REPORTED_REASONS, GATEWAY_STATES as REPORTED_STATES } from '../tunnel.frames.js';

export { CAPABILITIES };
/** What agents report, and what this side says of a gateway that changes too often. */
export const GATEWAY_STATES = [...REPORTED_STATES, 'flapping'] as const;
export const GATEWAY_REASONS = [...REPORTED_REASONS, 'flapping'] as const;
export type Capability = (typeof CAPABILITIES)[number];
export type GatewayState = (typeof GATEWAY_STATES)[number];
export type GatewayReason = (typeof GATEWAY_REASONS)[number];
