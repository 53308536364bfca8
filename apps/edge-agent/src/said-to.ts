import { type GatewayReport, NETWORK_REASONS, type ServerCapability, type Welcome } from '../../../libs/edge/src/tunnel.protocol.js';

const CAPABILITY: ServerCapability = 'network_reasons';
const NEWER: ReadonlySet<unknown> = new Set(NETWORK_REASONS);

/** A report in words that this server takes: one of before would close the tunnel over a reason that it does not know. */
export const saidTo = ({ capabilities = [] }: Pick<Welcome, 'capabilities'>, gateway: GatewayReport): GatewayReport =>
  NEWER.has(gateway.reason) && !capabilities.includes(CAPABILITY) ? { ...gateway, reason: 'connect_refused' } : gateway;
