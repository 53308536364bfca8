import type { CallReason } from '../../calls/events/call-reason.js';

const CODES: ReadonlyMap<string, CallReason<'failed'>> = new Map<string, CallReason<'failed'>>([
  ['http.outbound-denied', 'address_denied'],
  ['EHOSTUNREACH', 'host_unreachable'],
  ['ENETUNREACH', 'network_unreachable'],
  ['EADDRNOTAVAIL', 'address_unavailable'],
  ['ENOTFOUND', 'dns_failure'],
  ['EAI_AGAIN', 'dns_failure'],
  ['EAI_FAIL', 'dns_failure'],
  ['ETIMEDOUT', 'timeout'],
  ['EPROTO', 'tls_failure'],
]);
const TLS = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;
const NO_HTTP = /^HPE_/;

/** Why a request that we made failed. `wasConnected`: what broke had been there. */
export function failureReason(error: unknown, wasConnected: boolean): CallReason<'failed'> {
  const { code = '' } = (error ?? {}) as { code?: string };
  const known = CODES.get(code);
  if (known !== undefined) return known;
  if (TLS.test(code)) return 'tls_failure';
  if (NO_HTTP.test(code)) return 'answer_invalid';
  return wasConnected ? 'answer_cut' : 'connect_refused';
}
