import { Agent, type IncomingMessage, request } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import fc from 'fast-check';
import { type Operation, operationsOf, schemasOf } from './fuzz-description.js';
import { type Answer, Oracle } from './fuzz-oracle.js';
import { type FuzzRequest, type Known, requestsTo } from './fuzz-requests.js';

export interface Identity {
  /** By which it is known. */
  readonly headers: Readonly<Record<string, string>>;
  /** For each operation. */
  readonly requests: number;
}

export interface Fuzz {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly description: OpenAPIObject;
  /** Every operation is asked as each of them. */
  readonly identities: Readonly<Record<string, Identity>>;
  readonly known: Known;
  /** The same seed asks the same. */
  readonly seed: number;
  /** How long an answer may take, ms: what takes longer hangs. */
  readonly deadlineMs: number;
}

export interface Fuzzed {
  readonly asked: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<number, number>>;
  /** Operations that were never answered with a success. */
  readonly unreached: readonly string[];
  /** What was wrong, each with the request that shows it. */
  readonly findings: readonly string[];
}

/** Requests on their way at once. */
const WORKERS = 4;
/** More say nothing new. */
const MAX_FINDINGS = 20;

/** Asks every described operation as every identity, with requests of any shape, and judges each answer by the description. */
export async function fuzz({ description, identities, known, seed, ...at }: Fuzz): Promise<Fuzzed> {
  const oracle = new Oracle(description);
  const schemas = schemasOf(description);
  const agent = new Agent({ keepAlive: true, maxSockets: WORKERS });
  const all = operationsOf(description).flatMap((operation, i) =>
    Object.entries(identities).flatMap(([as, { headers, requests }], j) =>
      fc
        .sample(requestsTo(operation, schemas, known), { numRuns: requests, seed: seed + 1_000 * i + j })
        .map((asked) => ({ operation, as, asked: { ...asked, headers: { ...asked.headers, ...headers } } })),
    ),
  );
  shuffle(all, seed); // Else what one operation takes away is there for none of those that come later.
  const findings: string[] = [];
  const unreached = new Set(all.map(({ operation }) => operation.id));
  const statuses: Record<number, number> = {};
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < all.length && findings.length < MAX_FINDINGS) {
      const { operation, as, asked } = all[next++]!;
      const answer = await sent(asked, { ...at, agent });
      if (typeof answer !== 'string') statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (typeof answer !== 'string' && answer.status < 300 && asked.method === operation.method) unreached.delete(operation.id);
      const wrong = typeof answer === 'string' ? answer : oracle.wrong({ path: operation.path, method: asked.method }, answer);
      if (wrong !== null) findings.push(told(operation, as, asked, answer, wrong));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  agent.destroy();
  return { asked: next, statuses, unreached: [...unreached], findings };
}

function shuffle(items: unknown[], seed: number): void {
  let state = seed >>> 0;
  for (let i = items.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
}

function told({ id }: Operation, as: string, { method, path, headers, body }: FuzzRequest, answer: Answer | string, wrong: string): string {
  const { authorization: _secret, ...shown } = headers;
  const sent = body === null ? 'no body' : `body ${JSON.stringify(body.toString('latin1').slice(0, 300))} (${body.length} bytes)`;
  const said = typeof answer === 'string' ? '' : `; answered ${answer.status} ${answer.text.slice(0, 300)}`;
  return `${id} as ${as}: ${wrong}: ${method} ${path.slice(0, 300)} ${JSON.stringify(shown)} ${sent}${said}`;
}

interface Line {
  readonly origin: string;
  readonly deadlineMs: number;
  readonly agent: Agent;
}
/** A server may close a connection just when it is used again, or before it has read a body that it refuses. Whatever breaks each time is a finding. */
async function sent(asked: FuzzRequest, line: Line): Promise<Answer | string> {
  for (let attempts = 1; ; attempts++) {
    const answer = await send(asked, line);
    if (typeof answer !== 'string' || !answer.startsWith(BROKEN) || attempts === ATTEMPTS) return answer;
  }
}
const ATTEMPTS = 4;
const BROKEN = 'the connection broke';

/** The answer, or in words that there is none. Of an answer that does not end by itself, its head. */
function send({ method, path, headers, body }: FuzzRequest, { origin, deadlineMs, agent }: Line): Promise<Answer | string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(origin);
    const asked = request({
      hostname,
      port,
      method,
      path,
      agent,
      headers: { ...headers, ...(body === null ? {} : { 'content-length': body.length }) },
    });
    const timer = setTimeout(() => {
      resolve(`it is not answered within ${deadlineMs} ms`);
      asked.destroy();
    }, deadlineMs);
    const end = (outcome: Answer | string): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    asked.on('error', (error) => end(`${BROKEN}: ${error.message}`));
    asked.on('response', (response) => void read(response).then(end, (error: Error) => end(`${BROKEN} off the answer: ${error.message}`)));
    asked.end(body ?? undefined);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  if (headers['content-type']?.startsWith('text/event-stream') === true) response.destroy();
  else for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status, headers, text: Buffer.concat(chunks).toString('utf8') };
}
