import { CAPABILITIES, GATEWAY_REASONS, GATEWAY_STATES } from '../tunnel.frames.js';

export { CAPABILITIES, GATEWAY_REASONS, GATEWAY_STATES };
export type Capability = (typeof CAPABILITIES)[number];
export type GatewayState = (typeof GATEWAY_STATES)[number];
export type GatewayReason = (typeof GATEWAY_REASONS)[number];
