import type { Reason } from '../events/reason.js';
import { type Failed, failed } from '../runtime/probe-result.js';

const REASONS: Readonly<Record<string, [Reason, string]>> = {
  ECONNREFUSED: ['connect_refused', 'refuses connections'],
  EHOSTUNREACH: ['host_unreachable', 'cannot be reached: no way leads to the host'],
  ENETUNREACH: ['network_unreachable', 'cannot be reached: this machine has no route to its network'],
  EADDRNOTAVAIL: ['address_unavailable', 'cannot be reached: this machine has no address or port to connect from'],
  ENOENT: ['connect_refused', 'has no socket'],
  ENOTFOUND: ['dns_failure', 'has a name that does not resolve'],
  EAI_AGAIN: ['dns_failure', 'has a name that cannot be resolved now'],
  ETIMEDOUT: ['heartbeat_timeout', 'did not answer in time'],
  UND_ERR_CONNECT_TIMEOUT: ['heartbeat_timeout', 'did not accept a connection in time'],
  ECONNRESET: ['error_rate', 'broke the connection'],
  EPIPE: ['error_rate', 'broke the connection'],
  UND_ERR_SOCKET: ['error_rate', 'broke the connection'],
};
const TLS = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO)/;

/** Which network trouble an error is; undefined: none. `target`: what was to be reached, without credentials. */
export function networkFailure(error: unknown, target: string): Failed | undefined {
  const code = codeOf(error);
  const known = REASONS[code];
  if (known !== undefined) return failed(known[0], `${target} ${known[1]}.`);
  return TLS.test(code) ? failed('tls_failure', `${target} cannot be trusted: ${code}.`) : undefined;
}

/** The code of an error, or of what caused it: fetch wraps, and a name with two addresses fails twice. */
function codeOf(error: unknown): string {
  let at = error as Chained | undefined;
  for (let depth = 0; typeof at === 'object' && at !== null && depth < MAX_DEPTH; depth++) {
    if (typeof at.code === 'string' && (REASONS[at.code] !== undefined || TLS.test(at.code))) return at.code;
    at = at.errors?.[0] ?? at.cause;
  }
  return '';
}
interface Chained {
  readonly code?: unknown;
  readonly errors?: readonly Chained[];
  readonly cause?: Chained;
}
const MAX_DEPTH = 4;

/** `http://user:password@host:1/path?q` as it may be shown: `http://host:1/path`. */
export function shown(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
