export { gatewayTargets, list, originOf } from './parse.js';
export type { GatewayTarget } from './parse.js';
export { ConfigInvalid, readConfig, variablesOf } from './read-config.js';
export { SealBroken, SecretBox } from './secret-box.js';
export { ApiConfig, ProberConfig, ServersConfig, StandaloneConfig } from './variables.js';
