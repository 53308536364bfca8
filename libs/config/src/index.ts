export { gatewayTargets, list, originOf } from './parse.js';
export type { GatewayTarget } from './parse.js';
export { ConfigInvalid, readConfig, readConfigs, variablesOf } from './read-config.js';
export { SealBroken, SecretBox } from './secret-box.js';
export { ownEndpoints } from './own-endpoints.js';
export { outboundRules, outboundWarning, publicSettings, secretsKeyOf, trustedProxies } from './settings.js';
export type { OutboundSurroundings, PublicSettings } from './settings.js';
export { ApiConfig, FederationConfig, ProberConfig, PublicConfig, ServersConfig, StandaloneConfig } from './variables.js';
