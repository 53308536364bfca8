import { parseOr } from './json-span.js';

/** Something that went wrong between the two ends, in the words of whoever stands there. */
export interface Fault {
  /** What programs branch on, as in a problem: `federation.peer-unreachable`. */
  readonly code: string;
  readonly detail: string;
  readonly next: string;
}

/** -32001 to -32009 are A2A's own, and would be believed to come from the agent. */
const INTERNAL_ERROR = -32603;

/**
 * The body of a JSON-RPC error that is ours. `id` is the JSON text of the request's; what is neither string, number nor null is no id,
 * and is answered as null.
 */
export function faultBody({ code, detail, next }: Fault, id: string | null): string {
  const parsed = id === null ? null : parseOr(id);
  const isId = typeof parsed === 'string' || typeof parsed === 'number' || parsed === null;
  const info = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: code.replaceAll(/[.-]/g, '_').toUpperCase(),
    domain: 'clawbutler',
    metadata: { code, next },
  };
  const error = JSON.stringify({ code: INTERNAL_ERROR, message: detail, data: [info] });
  return `{"jsonrpc":"2.0","id":${isId && id !== null ? id : 'null'},"error":${error}}`; // The id as it came: 1.0 stays 1.0.
}
