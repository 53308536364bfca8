import type { IncomingMessage } from 'node:http';
import type { Role } from '../contract.js';
import { NOW } from './sample.js';

export interface ReceivedRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: IncomingMessage['headers'];
  body: unknown;
}
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> };
export type Answerer = (seen: ReceivedRequest, ...ids: string[]) => Reply;
/** Method and path as a pattern, who may, and what is answered. */
export type FakeRoute = readonly [string, Role | null, Answerer];

export class Refusal extends Error {
  constructor(readonly reply: Reply) {
    super(String(reply.status));
  }
}

export const problem = (status: number, code: string, detail: string, next: string, more: object = {}): Refusal =>
  new Refusal({
    status,
    body: { type: `urn:problem:${code}`, title: code, status, code, detail, next, ...more },
    headers: { 'content-type': 'application/problem+json' },
  });

export const invalid = (...fields: string[]): Refusal =>
  problem(400, 'http.invalid', 'The request is not as described.', 'Correct the fields named in errors.', {
    errors: fields.map((field) => ({ field, message: `${field} is not as described` })),
  });

/** As strict as the API is with a body: a field it does not know is an error. */
export function assertFields(body: unknown, known: readonly string[]): void {
  const unknown = Object.keys(body as object).filter((field) => !known.includes(field));
  if (unknown.length > 0) throw invalid(...unknown);
}

/** What answers of all kinds have in common. */
export class Replies {
  warnings: { code: string; detail: string }[] = [];
  /** How far reads lag behind the commands. */
  behind = 0;
  private last = 40;

  page({ cursor, ...query }: Record<string, string>, rows: readonly unknown[]): Reply {
    const from = Number(cursor ?? 0);
    const to = from + Number(query['limit']);
    const reply = this.envelope(query, rows.slice(from, to));
    return to < rows.length ? { ...reply, body: { ...(reply.body as object), next_cursor: String(to) } } : reply;
  }

  /** As strict as the API: a parameter it does not know is an error, a limit has bounds, and no read is older than `after`. */
  envelope({ limit, after, ...unknown }: Record<string, string>, data: unknown): Reply {
    const [field] = Object.keys(unknown);
    const fields = [
      ...(field === undefined ? [] : [field]),
      ...(limit !== undefined && !(Number(limit) >= 1 && Number(limit) <= 200) ? ['limit'] : []),
    ];
    if (fields.length > 0) throw invalid(...fields);
    const reached = this.last - this.behind;
    if (after !== undefined && Number(after.slice(1)) > reached)
      throw problem(503, 'read.behind', `The rows reach f${reached}, not ${after}.`, 'Try again in a moment.');
    return { status: 200, body: { as_of: NOW, position: `f${reached}`, lag_ms: 120, warnings: this.warnings, data } };
  }

  accepted(more: object = {}): Reply {
    this.last += 1;
    return { status: 202, body: { position: `f${this.last}`, ...more } };
  }
}
