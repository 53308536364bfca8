import type { IncomingMessage } from 'node:http';
import {
  type Ambiguous,
  type MethodClass,
  type PlainHeaders,
  type ProtocolVersion,
  type ParsedRequest,
  isUtf8,
  onwardHeaders,
  readHttpJson,
  readMessage,
  readRequest,
  traceIdOf,
  versionOf,
  versionToAdd,
} from '@app/a2a';
import type { Binding } from '../../calls/events/a2a-words.js';

/** A request to an interface, as far as rules and records need to know it, and the headers with which it goes on. */
export interface Understood extends ParsedRequest {
  readonly binding: Binding;
  readonly version: ProtocolVersion | null;
  readonly headers: PlainHeaders;
  readonly traceId: string | null;
}

/** What of it stands in the record of the call, in either direction. */
export const recordedOf = ({ method, version, binding, id, taskId, contextId, messageId, traceId }: Understood, bytes: number) => ({
  method,
  protocol_version: version,
  binding,
  rpc_id: id,
  task_id: taskId,
  context_id: contextId,
  message_id: messageId,
  trace_id: traceId,
  request_bytes: bytes,
});

export const isRead = ({ classes }: Understood): boolean => classes.every((each) => each === 'read');

/** JSON-RPC is posted to the URL of an interface itself; what goes below it is HTTP+JSON. */
export const isJsonRpc = ({ method }: IncomingMessage, path: string): boolean =>
  method === 'POST' && ['', '/'].includes(path.split('?', 1)[0] ?? '');

/** `path` is what follows the interface. */
export function understand(request: IncomingMessage, path: string, body: Buffer): Understood | Ambiguous {
  if (!isUtf8(request.headers)) return { ambiguous: 'its charset is not UTF-8' };
  const headers = onwardHeaders(request.headers);
  const traceId = traceIdOf(request.headers);
  const said = request.headers['a2a-version'];
  const header = typeof said === 'string' ? said : undefined;
  if (!isJsonRpc(request, path)) {
    const parsed = httpJson(request.method ?? '', path, body);
    return 'ambiguous' in parsed ? parsed : { ...parsed, headers, traceId, version: versionOf(header) };
  }
  const parsed = readRequest(body);
  if ('ambiguous' in parsed) return parsed;
  const added = /[?&]a2a-version=/i.test(path) ? null : versionToAdd(header, parsed.method);
  if (added !== null) headers['a2a-version'] = added;
  return { ...parsed, binding: 'JSONRPC', headers, traceId, version: added ?? versionOf(header) };
}

function httpJson(verb: string, path: string, body: Buffer): (ParsedRequest & { readonly binding: Binding }) | Ambiguous {
  const asked = readHttpJson(verb, path);
  if ('ambiguous' in asked) return asked;
  const { method, methodClass, taskId } = asked;
  const sent = readMessage(body);
  if ('ambiguous' in sent) return sent;
  const classes: MethodClass[] = [...new Set([methodClass, ...sent.classes])];
  return { binding: 'HTTP+JSON', method, id: null, ...sent, classes, taskId: sent.taskId ?? taskId };
}
