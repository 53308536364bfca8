import type { IncomingHttpHeaders } from 'node:http';

/** What of a request goes on to the next hop. All else was said to this one: credentials, cookies, our envelope. */
const ONWARD = ['a2a-version', 'a2a-extensions', 'x-a2a-extensions', 'traceparent', 'tracestate', 'accept', 'content-type'] as const;

/**
 * What of an answer goes back. No challenge does: it is about the credential of the instance that asks, and its caller has another. The last two say how its bytes are to be read: nothing here asks for an encoding, but who sends one
 * all the same must be understood. What is encoded passes unread: see `answerReaderOf`.
 */
const BACK = [
  ...['a2a-version', 'a2a-extensions', 'x-a2a-extensions', 'traceparent', 'tracestate', 'content-type', 'retry-after'],
  ...['content-length', 'content-encoding'],
] as const;

export type PlainHeaders = Record<string, string | string[]>;

function only(names: readonly string[], headers: IncomingHttpHeaders): PlainHeaders {
  const kept: PlainHeaders = {};
  for (const name of names) {
    const value = headers[name];
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}

export const onwardHeaders = (headers: IncomingHttpHeaders): PlainHeaders => only(ONWARD, headers);
/**
 * An agent may be hostile, and its answer comes from our origin: a browser takes no type but the one that is said, and shows nothing that
 * A2A does not have.
 */
export const backHeaders = (headers: IncomingHttpHeaders): PlainHeaders => ({
  ...only(BACK, headers),
  'x-content-type-options': 'nosniff',
  ...(isOfA2a(headers) ? {} : { 'content-disposition': 'attachment', 'content-security-policy': "default-src 'none'; sandbox" }),
});

/** Of types in a list a browser takes the last one. */
const isOfA2a = ({ 'content-type': type = 'application/json' }: IncomingHttpHeaders): boolean =>
  /^\s*(?:application\/(?:[\w.-]+\+)?json|text\/event-stream)\s*(?:;[^,]*)?$/i.test(type);

/** The trace a request belongs to, by its `traceparent`. */
export const traceIdOf = ({ traceparent }: IncomingHttpHeaders): string | null =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(String(traceparent ?? ''))?.[1] ?? null;

/** Whether a body is in the encoding that JSON has: who reads it in another may read another text than we do. */
export const isUtf8 = ({ 'content-type': type = '' }: IncomingHttpHeaders): boolean =>
  [...type.matchAll(/charset\s*=\s*"?([^\s";]*)/gi)].every(([, charset = '']) => /^(?:utf-?8|us-ascii)$/i.test(charset));
