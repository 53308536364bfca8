/** What routing offers to the other modules of federation. */
export { AgentToCheck, CHECK_AGENT } from './agent-check.rpc.js';
export type { AgentCheck, AgentInterface } from './agent-check.view.js';
export { type CallToRoute, NO_RULE, type RouteDecision } from './routing.js';
export { AgentCredentials } from './runtime/agent-credentials.provider.js';
export { RoutingTable } from './runtime/routing-table.provider.js';
export { isSameOrigin } from './same-origin.js';
