import { randomUUID } from 'node:crypto';
import type { Answer, Problem } from './contract.js';
import { EXIT, Failure, failure, refused } from './failure.js';

const PREFIX = '/api/v1/infrastructure';
/** No page of the API is near this; what is longer is not read to its end. */
const MAX_ANSWER_BYTES = 64 << 20;
/** What the API takes as `limit` of one page. */
const PAGE_ROWS = 200;
/** After so many empty pages in a row the reader is told how far it went, and whether to go on is theirs to say. */
const MAX_PAGES_IN_VAIN = 20;
/** What a proxy answers in place of an API that it cannot reach. */
const NOBODY_BEHIND = [502, 503, 504];

export type Query = Record<string, string | number | undefined>;

export interface Reply {
  headers: Headers;
  body: unknown;
}

/** How long anything may take, and who may end it earlier. */
export interface Patience {
  /** Aborts at the deadline of the whole command. */
  deadline: AbortSignal;
  /** Aborts when the user wants an end. */
  interrupted: AbortSignal;
  timeoutMs: number;
}

/** The API behind one address, withUnavailable to with one set of credentials. Every method throws `Failure`. */
export class Api {
  constructor(
    /** `http://127.0.0.1:4600`, without a slash at the end. */
    readonly base: string,
    private readonly credentials: Readonly<Record<string, string>>,
    private readonly patience: Patience,
    /** What to do when the server knows these credentials not, or no more. */
    private readonly whenUnknown: string,
  ) {}

  with(credentials: Readonly<Record<string, string>>): Api {
    return new Api(this.base, credentials, this.patience, this.whenUnknown);
  }

  /** The same, with its whole time before it: for whoever asks again and again. */
  afresh(): Api {
    const { timeoutMs } = this.patience;
    return new Api(this.base, this.credentials, { ...this.patience, deadline: AbortSignal.timeout(timeoutMs) }, this.whenUnknown);
  }

  async get<T>(path: string, query: Query = {}): Promise<Answer<T>> {
    const answer = (await this.send('GET', path + searchOf(query))).body as Partial<Answer<T>> | null;
    if (typeof answer?.as_of !== 'string' || answer.data === undefined) throw this.notAnAnswer(200);
    const { as_of, position = null, lag_ms = null, warnings = [], data, next_cursor } = answer;
    return { as_of, position, lag_ms, warnings, data, next_cursor };
  }

  /** The first `limit` rows, page by page; `cursor` is the parameter that takes an answer's `next_cursor`. */
  async list<T>(path: string, query: Query, limit: number, cursor: 'cursor' | 'before' = 'cursor'): Promise<Answer<T[]>> {
    const page = (from: string | undefined, rows: number) =>
      this.get<T[]>(path, { ...query, ...(from === undefined ? {} : { [cursor]: from }), limit: Math.min(rows, PAGE_ROWS) });
    const first = await page(undefined, limit); // Its position holds for all: later pages are not older.
    const rows = this.rowsOf(first);
    let next = first.next_cursor;
    // A page may be empty and lead on: the API looks through so much of the log for one answer.
    for (let inVain = 0; next !== undefined && rows.length < limit && inVain < MAX_PAGES_IN_VAIN;) {
      const answer = await page(next, limit - rows.length);
      const more = this.rowsOf(answer);
      if (answer.next_cursor === next) throw this.notAnAnswer(200);
      inVain = more.length === 0 ? inVain + 1 : 0;
      rows.push(...more);
      next = answer.next_cursor;
    }
    return { ...first, data: rows.slice(0, limit), next_cursor: next };
  }

  /** A list that comes whole. */
  async all<T>(path: string, query: Query = {}): Promise<Answer<T[]>> {
    const answer = await this.get<T[]>(path, query);
    return { ...answer, data: this.rowsOf(answer) };
  }

  async command<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<T> {
    // The same command sent twice by whatever stands in between is carried out once.
    const { body: answer } = await this.send(method, path, body, { 'idempotency-key': randomUUID() });
    if (typeof (answer as { position?: unknown } | null)?.position !== 'string') throw this.notAnAnswer(202);
    return answer as T;
  }

  /** A question to a running process, which changes nothing: the answer is of now, and without envelope. */
  async ask<T extends object>(path: string, request: object = {}): Promise<T> {
    const { body } = await this.send('POST', path, request, {}, false);
    if (typeof body !== 'object' || body === null) throw this.notAnAnswer(200);
    return body as T;
  }

  /** One request. What is not a success is thrown; `changes`: nobody knows what became of it when no answer comes. */
  async send(
    method: string,
    path: string,
    body?: object,
    more: Readonly<Record<string, string>> = {},
    changes = method !== 'GET',
  ): Promise<Reply> {
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const headers = { accept: 'application/json, application/problem+json', ...this.credentials, ...type, ...more };
    const { deadline, interrupted } = this.patience;
    const signal = AbortSignal.any([deadline, interrupted]);
    try {
      const response = await fetch(this.base + PREFIX + path, {
        method,
        headers,
        signal,
        redirect: 'manual', // A token is not carried to where an answer points.
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return this.read(response, await this.textOf(response));
    } catch (error) {
      throw error instanceof Failure ? error : this.unreached(error as Error, changes);
    }
  }

  private async textOf({ body }: Response): Promise<string> {
    const decoder = new TextDecoder();
    let text = '';
    let bytes = 0;
    for await (const chunk of body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > MAX_ANSWER_BYTES)
        throw failure('cli.not-an-answer', `${this.base} answered with more than ${MAX_ANSWER_BYTES} bytes`, AIM);
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  }

  private read(response: Response, text: string): Reply {
    const { status, headers } = response;
    const body = parsed(text);
    if (status >= 200 && status < 300 && (status === 204 || body !== undefined)) return { headers, body };
    if (isProblem(body)) throw refused({ ...body, status, next: this.nextOf(body, headers) });
    if (status >= 300 && status < 400) throw this.redirected(headers.get('location'));
    if (NOBODY_BEHIND.includes(status)) throw this.unreachable(`status ${status} from a proxy`);
    throw this.notAnAnswer(status);
  }

  /** The server's advice, or ours where this command line has the better one. */
  private nextOf({ code, next }: Problem, headers: Headers): string {
    const wait = headers.get('retry-after');
    if (code === 'access.login-needed') return this.whenUnknown;
    if (code === 'federation.until-not-ahead') return 'give a later --until, or leave it out for no end';
    if (code === 'http.429' && wait !== null) return `wait ${wait} s, then try again`;
    return typeof next === 'string' ? next : 'try again; if it stays, the log of the server has the cause';
  }

  private rowsOf<T>({ data }: Answer<T[]>): T[] {
    if (!Array.isArray(data)) throw this.notAnAnswer(200);
    return data;
  }

  notAnAnswer(status: number): Failure {
    return failure('cli.not-an-answer', `${this.base} answered status ${status} with something that is not from this API`, AIM);
  }

  private redirected(location: string | null): Failure {
    const where = location === null ? 'elsewhere' : `to ${location}`;
    return failure(
      'cli.not-an-answer',
      `${this.base} points ${where}, and ap does not follow`,
      'give the address that answers itself, by --url or AP_URL',
    );
  }

  private unreachable(cause: string, next = `${AIM}; npm start starts it on this machine`): Failure {
    return failure('cli.unreachable', `${this.base} cannot be reached: ${cause}`, next);
  }

  /** Why there was no answer. Where a command may have arrived nobody can say what became of it, and that is said. */
  private unreached(error: Error, changes: boolean): Failure {
    const { deadline, interrupted, timeoutMs } = this.patience;
    const look = !changes ? undefined : 'it may have been carried out all the same: look before you repeat it';
    if (interrupted.aborted)
      return failure('cli.interrupted', 'Interrupted before the answer came', look ?? 'nothing was changed; ask again when you like');
    if (deadline.aborted)
      return failure(
        'cli.timeout',
        `${this.base} did not answer within ${timeoutMs} ms`,
        look ?? `try again, or give a longer --timeout; ${AIM}`,
      );
    const { code, message } = causeOf(error);
    const words = CAUSES[code];
    return words === undefined ? this.unreachable(message, look) : this.unreachable(words);
  }
}

const AIM = 'compare the address with the one that npm start printed (--url, AP_URL, ap profile list)';

/** Faults before a request was sent, in words. */
const CAUSES: Partial<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there (ECONNREFUSED)',
  ENOTFOUND: 'no such host (ENOTFOUND)',
  EAI_AGAIN: 'its name cannot be resolved now (EAI_AGAIN)',
  EHOSTUNREACH: 'no route to that host (EHOSTUNREACH)',
  ENETUNREACH: 'no route to that network (ENETUNREACH)',
};

function causeOf(error: Error): { code: string; message: string } {
  const cause = (error.cause ?? error) as Error & { code?: string };
  const code = cause.code ?? '';
  return { code, message: [cause.message, code && !cause.message.includes(code) ? `(${code})` : ''].filter(Boolean).join(' ') };
}

function searchOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? '' : `?${search.toString()}`;
}

/** Undefined: no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isProblem(body: unknown): body is Problem {
  const { code, detail } = (body ?? {}) as Partial<Problem>;
  return typeof code === 'string' && typeof detail === 'string';
}

/** Whether something failed because there is no such thing. */
export const isNotFound = (error: unknown): boolean => error instanceof Failure && error.exit === EXIT.notFound;
