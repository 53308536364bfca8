export { ComponentDeclared } from './component-declared.event.js';
export { ComponentRetired } from './component-retired.event.js';
export { ComponentStatusChanged } from './component-status-changed.event.js';
export { HealthProbed } from './health-probed.event.js';
export { ProbeSent } from './probe-sent.event.js';
export type { ComponentId } from './component-id.js';
export type { ComponentKind } from './component-kind.js';
export type { ComponentStatus } from './component-status.js';
export type { Reason } from './reason.js';
