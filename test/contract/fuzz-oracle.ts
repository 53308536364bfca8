import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type Operation, type Response, closed, operationsOf, schemasOf } from './fuzz-description.js';

export interface Answer {
  readonly status: number;
  /** As they came: a list where a header came more than once. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

const PROBLEM = 'application/problem+json';
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** Statuses above 499 that say what is wrong with this side, and not that something is broken that nobody foresaw. */
const SAID_ABOVE_499 = new Set([503]);

/** Judges answers by the description. */
export class Oracle {
  private readonly ajv = new Ajv2020({ strict: false, formats: { 'date-time': INSTANT, uri: true }, logger: false });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly operations: readonly Operation[];

  constructor(description: OpenAPIObject) {
    this.operations = operationsOf(description);
    const schemas = Object.entries(schemasOf(description)).map(([name, schema]) => [name, closed(schema)]);
    this.ajv.addSchema({ $id: 'api', components: { schemas: Object.fromEntries(schemas) } });
  }

  /** What is wrong with the answer to a request; null: it is as described. `path`: as the description has it. */
  wrong({ path, method }: { readonly path: string; readonly method: string }, answer: Answer): string | null {
    const { status } = answer;
    if (status === 500) return 'it is a 500';
    if (status >= 300 && status < 400) return `it leads elsewhere: ${status}`;
    if (path.startsWith('/api/') && answer.headers['cache-control'] !== 'no-store') return 'a cache may keep it';
    if (method === 'HEAD') return answer.text === '' ? null : 'an answer to HEAD has a body';
    const operation = this.operations.find((one) => one.path === path && one.method === method);
    const described = operation?.responses[String(status)];
    if (described !== undefined) return this.asDescribed(described, answer);
    if (status >= 400) return this.problem(operation, answer);
    return operation === undefined ? `${method} is not described, and is answered with ${status}` : `the status ${status} is not described`;
  }

  private problem(operation: Operation | undefined, answer: Answer): string | null {
    const described = operation?.responses['default']?.content;
    if (operation !== undefined && described?.[PROBLEM] === undefined) return `its problems are not described as ${PROBLEM}`;
    if (answer.status >= 500 && !SAID_ABOVE_499.has(answer.status)) return `nobody foresaw a ${answer.status}`;
    if (mediaTypeOf(answer) !== PROBLEM) return `a ${answer.status} is ${mediaTypeOf(answer)}, and no problem`;
    const wrong = this.mismatch('#/components/schemas/Problem', answer.text);
    if (wrong !== null) return `the problem is not as described: ${wrong}`;
    const { status, code, next } = JSON.parse(answer.text) as { status: number; code: string; next: string };
    if (status !== answer.status) return `the problem says ${status}, the answer ${answer.status}`;
    return /^[a-z0-9-]+\.[a-z0-9-]+$/.test(code) && next !== '' ? null : 'the problem has no code, or does not say what to do';
  }

  private asDescribed({ content = {} }: Response, answer: Answer): string | null {
    const types = Object.keys(content);
    if (types.length === 0) return answer.text === '' ? null : 'it has a body that is not described';
    const type = mediaTypeOf(answer);
    const described = content[type];
    if (described === undefined) return `it is ${type}, and described as ${types.join(', ')}`;
    if (type !== 'application/json') return null;
    const ref = described.schema?.$ref;
    if (ref === undefined) return 'its schema has no name';
    const wrong = this.mismatch(ref, answer.text);
    return wrong === null ? null : `it is not as described: ${wrong}`;
  }

  private mismatch(ref: string, text: string): string | null {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return 'it is not JSON';
    }
    const validate = this.validators.get(ref) ?? this.ajv.compile({ $ref: `api${ref}` });
    this.validators.set(ref, validate);
    return validate(value) ? null : this.ajv.errorsText(validate.errors);
  }
}

const mediaTypeOf = ({ headers }: Answer): string =>
  String(headers['content-type'] ?? '')
    .split(';', 1)[0]
    ?.trim() ?? '';
