import type { Problem, Session } from '../contract.js';
import { parseShown } from '../logic/shown.js';
import { feed } from './feed.js';

export const API = '/api/v1/infrastructure';
const ANSWER_TIMEOUT_MS = 15_000;

/** A "no" of the API, with its code and its way out; also what stands for an API that does not answer. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** What the page does when a request tells more than its answer. Set once, at start. */
export const wire = {
  /** The session is over. */
  loginNeeded: (): void => {},
};

/** Goes with every command, so that no other site can send one in this browser's name. */
let csrfToken: string | null = null;
export const rememberCsrf = (token: string | null): void => void (csrfToken = token);

export interface Request {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  query?: Record<string, string | undefined>;
  body?: object;
  /** The same for every attempt at the same thing. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** For what takes longer than other requests. */
  timeoutMs?: number;
  /** A request that asks who we are, or logs in: its 401 is an answer and not the end of a session. */
  anonymous?: boolean;
}

/** The JSON of the answer; undefined of a 204. Throws `ProblemError`. */
export async function ask<T>(path: string, request: Request = {}): Promise<T> {
  const response = await send(path, request);
  if (response.ok) return (response.status === 204 ? undefined : parseShown(await response.text())) as T;
  const problem = await problemOf(response);
  if (problem.code === 'access.csrf' && request.anonymous !== true && (await renewCsrf())) return again<T>(path, request);
  if (response.status === 401 && request.anonymous !== true) wire.loginNeeded();
  throw new ProblemError(problem);
}

/** Once more with a new CSRF token: the old one went with a session that another tab replaced. */
async function again<T>(path: string, request: Request): Promise<T> {
  const response = await send(path, request);
  if (!response.ok) throw new ProblemError(await problemOf(response));
  return (response.status === 204 ? undefined : parseShown(await response.text())) as T;
}

async function renewCsrf(): Promise<boolean> {
  const response = await send('/session', {});
  if (!response.ok) return false;
  rememberCsrf(parseShown<Session>(await response.text()).csrf_token);
  return true;
}

async function send(
  path: string,
  { method = 'GET', query, body, idempotencyKey, signal, timeoutMs = ANSWER_TIMEOUT_MS }: Request,
): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (method !== 'GET' && csrfToken !== null) headers['x-csrf-token'] = csrfToken;
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  const timeout = AbortSignal.timeout(timeoutMs);
  const init: RequestInit = {
    method,
    headers,
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  try {
    const response = await fetch(urlOf(path, query), init);
    feed.clock.guess(response.headers.get('date'));
    return response;
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ProblemError(UNREACHABLE);
  }
}

function urlOf(path: string, query: Request['query'] = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? API + path : `${API}${path}?${new URLSearchParams(given).toString()}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '');
  const problem = parsed(text);
  if (problem !== null) return problem;
  return { ...UNREACHABLE, status: response.status, detail: `The API answered ${response.status} without saying why.` };
}

function parsed(text: string): Problem | null {
  try {
    const value = parseShown<Partial<Problem> | null>(text);
    return typeof value?.code === 'string' && typeof value.detail === 'string' ? ({ next: '', ...value } as Problem) : null;
  } catch {
    return null;
  }
}

const UNREACHABLE: Problem = {
  type: 'about:blank',
  title: 'API unreachable',
  status: 503,
  code: 'page.unreachable',
  detail: 'The API does not answer.',
  next: 'Check that the process started with npm start is still running; this page tries again by itself.',
};

/** A version 4 UUID; `crypto.randomUUID` is missing where the page was not loaded over https or from this machine. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
