/** What is watched, in the order in which it is shown. `gateways` is all gateways taken together, `gateway` one of them. */
export const COMPONENT_KINDS = ['api', 'postgresql', 'valkey', 'nats', 'projections', 'gateways', 'gateway'] as const;
export type ComponentKind = (typeof COMPONENT_KINDS)[number];
