import type { LinkReason } from '../events/link-reason.js';

export interface NetworkFailure {
  readonly reason: LinkReason;
  /** A sentence. */
  readonly detail: string;
}

const CODES: Readonly<Record<string, [LinkReason, string]>> = {
  ECONNREFUSED: ['connect_refused', 'refuses connections'],
  EHOSTUNREACH: ['host_unreachable', 'cannot be reached: no way leads to the host (EHOSTUNREACH)'],
  ENETUNREACH: ['network_unreachable', 'cannot be reached: this machine has no route to its network (ENETUNREACH)'],
  EADDRNOTAVAIL: ['address_unavailable', 'cannot be reached: this machine has no address or port to connect from (EADDRNOTAVAIL)'],
  'http.outbound-denied': ['outbound_denied', 'is at an address that this instance may not reach'],
  ENOTFOUND: ['dns_failure', 'has a name that does not resolve'],
  EAI_AGAIN: ['dns_failure', 'has a name that cannot be resolved now'],
  ETIMEDOUT: ['heartbeat_timeout', 'did not answer in time'],
};
const TLS = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH)/;

/** Which trouble an error of a request is, of those people can do something about. `host`: what was to be reached. */
export function networkFailure(error: unknown, host: string): NetworkFailure {
  const code = codeOf(error);
  const [reason, says] = CODES[code] ?? (TLS.test(code) ? ['tls_failure', `cannot be trusted (${code})`] : BROKEN);
  return { reason, detail: `${host} ${says}.` };
}
const BROKEN: [LinkReason, string] = ['error_rate', 'broke the connection'];

interface Chained {
  readonly code?: unknown;
  readonly errors?: readonly Chained[];
  readonly cause?: Chained;
}
const MAX_DEPTH = 4;

/** The code of an error, or of what caused it: a name with two addresses fails twice. */
function codeOf(error: unknown): string {
  let at = error as Chained | undefined;
  for (let depth = 0; typeof at === 'object' && at !== null && depth < MAX_DEPTH; depth++) {
    if (typeof at.code === 'string' && (CODES[at.code] !== undefined || TLS.test(at.code))) return at.code;
    at = at.errors?.[0] ?? at.cause;
  }
  return '';
}
