import fc from 'fast-check';
import { anyText } from './any-text.js';
import { type Operation, type Parameter, type Schema, resolved } from './fuzz-description.js';

export interface FuzzRequest {
  readonly method: string;
  /** From the root, escaped. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

/** Ids and names that exist, by the name of the field or parameter they are for: what is only random is refused before it gets far. */
export type Known = Readonly<Record<string, readonly string[]>>;

type Schemas = Readonly<Record<string, Schema>>;
type Value = fc.Arbitrary<unknown>;

const NUMBERS = [0, -0, -1, 1, 2, 199, 200, 201, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, 5e-324, 1.5];
/** Names that every object has, or that make a prototype. */
const OF_PROTOTYPES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'then'];
const TEXTS = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    'null',
    'true',
    'NaN',
    '1e999',
    '*',
    '>',
    '$',
    '.',
    '..',
    '/',
    '\\',
    "'",
    '"',
    '%',
    '%00',
    '{}',
    '[]',
    '<script>',
  ],
  ...['\0', 'a\0b', '\ud800', 'x\udfff', '\u202e', '\u200b', '\ufeff', '\u2028', '\n', '\r\n', '🙂', 'e\u0301', 'İ', 'ß', '${x}', '{{x}}'],
  ...[
    'f0',
    'f1',
    'f1~xxxx',
    'c1',
    't1',
    'f999999999999999',
    'f-1',
    'f1.5',
    'f1,c1',
    'peer-1',
    'agent-1',
    'facts.federation.peer.x',
    'facts.>',
  ],
  ...['2026-02-30T00:00:00.000Z', '2099-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '-000001-01-01T00:00:00.000Z', '2026-01-01'],
  // Addresses on loopback only: nothing of this leaves the machine.
  ...[
    'http://127.0.0.1:1',
    'https://127.0.0.1:1/',
    'http://127.0.0.1:1/a?b#c',
    'http://u:p@127.0.0.1:1',
    'http://[::1]:1',
    'file:///etc/passwd',
  ],
  ...[
    'javascript:alert(1)',
    'http://',
    'http://127.0.0.1:0',
    'http://127.0.0.1:99999',
    'HTTP://127.0.0.1:1',
    'http://0.0.0.0:1',
    '//127.0.0.1',
  ],
];
const LENGTHS = [99, 100, 101, 252, 253, 254, 500, 501, 512, 513, 1_000, 2_048, 2_049, 4_000];

const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
  { weight: 1, arbitrary: fc.constantFrom(...OF_PROTOTYPES) },
  { weight: 2, arbitrary: anyText },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...LENGTHS).chain((length) => fc.constantFrom('x', '\u0301', '🙂').map((one) => one.repeat(length))),
  },
);
const number = fc.oneof(fc.constantFrom(...NUMBERS), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger());
/** Values of any type, some of them objects with fields that objects have anyway. */
const anything: Value = fc.oneof(
  ...[fc.constant(null), fc.boolean(), number, text, fc.constant([]), fc.constant({}), fc.array(fc.oneof(text, number), { maxLength: 4 })],
  fc.dictionary(fc.oneof(fc.constantFrom(...OF_PROTOTYPES), anyText), fc.oneof(text, number, fc.constant(null)), { maxKeys: 4 }),
);

/** Mostly what the schema describes, or nearly. */
function valueOf(name: string, asked: Schema, schemas: Schemas, known: Known): Value {
  const schema = resolved(asked, schemas);
  const ids = known[name] ?? [];
  const parts: fc.WeightedArbitrary<unknown>[] = [
    { weight: 2, arbitrary: anything },
    ...(schema.nullable === true ? [{ weight: 2, arbitrary: fc.constant(null) }] : []),
    ...(schema.enum === undefined ? [] : [{ weight: 8, arbitrary: fc.constantFrom(...schema.enum) }]),
    ...(ids.length === 0 ? [] : [{ weight: 24, arbitrary: fc.constantFrom(...ids) }]),
  ];
  if (schema.type === 'integer' || schema.type === 'number') {
    const { minimum = 0, maximum = 1_000 } = schema;
    const edges = [minimum - 1, minimum, minimum + 1, maximum - 1, maximum, maximum + 1];
    parts.push({ weight: 4, arbitrary: fc.oneof(fc.constantFrom(...edges), number) });
  } else if (schema.type === 'boolean') parts.push({ weight: 4, arbitrary: fc.boolean() });
  else if (schema.type === 'array') {
    const item = valueOf(name, schema.items ?? {}, schemas, known);
    parts.push({
      weight: 4,
      arbitrary: fc.oneof(
        fc.array(item, { maxLength: 4 }),
        item.map((one) => Array.from({ length: 250 }, () => one)),
      ),
    });
  } else if (schema.properties !== undefined) parts.push({ weight: 6, arbitrary: objectOf(schema, schemas, known) });
  else if (schema.type === 'string' && schema.enum === undefined) parts.push({ weight: 6, arbitrary: textOf(schema) });
  return fc.oneof(...parts);
}

function textOf({ minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  const ofLength = (length: number): string => 'x'.repeat(Math.max(0, length));
  const plain = fc.string({
    unit: 'grapheme-ascii',
    minLength: Math.max(1, minLength),
    maxLength: Math.max(minLength, Math.min(maxLength, 40)),
  });
  return fc.oneof(text, plain, fc.constantFrom(...[minLength - 1, minLength, maxLength, maxLength + 1].map(ofLength)));
}

/** All required fields and some others, or any of them; now and then one that no class has. */
function objectOf(schema: Schema, schemas: Schemas, known: Known): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [] } = schema;
  const all = Object.fromEntries(Object.entries(properties).map(([name, held]) => [name, valueOf(name, held, schemas, known)]));
  const more = fc.dictionary(fc.oneof(fc.constantFrom('x', ...OF_PROTOTYPES), anyText), anything, { maxKeys: 2 });
  const optional = Object.keys(all).filter((name) => !required.includes(name));
  const few = fc
    .subarray(optional, { maxLength: Math.min(2, optional.length) })
    .chain((names) => fc.record(Object.fromEntries([...required, ...names].flatMap((name) => (name in all ? [[name, all[name]!]] : [])))));
  return fc
    .tuple(
      fc.oneof(
        { weight: 6, arbitrary: few },
        { weight: 6, arbitrary: fc.record(all, { requiredKeys: required.filter((name) => name in all) }) },
        { weight: 1, arbitrary: fc.record(all, { requiredKeys: [] }) },
      ),
      fc.oneof({ weight: 8, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: more }),
    )
    .map(([described, other]) => withOwn({ ...described }, other));
}

/** As fields of its own, `__proto__` among them. */
function withOwn(object: Record<string, unknown>, other: object): Record<string, unknown> {
  for (const [name, value] of Object.entries(other)) Object.defineProperty(object, name, { value, enumerable: true });
  return object;
}

const RAW_BODIES: readonly (string | Buffer)[] = [
  ...['', ' ', 'null', 'true', '0', '"text"', '[]', '[{}]', '{', '{}}', '{"a":}', "{'a':1}", '{"a":1,}', 'NaN', '{"a":1e999}', '\ufeff{}'],
  ...[
    '{"note":"a","note":"b"}',
    '{"label":"a","label":{"b":1}}',
    '{"__proto__":{"role":"admin"}}',
    '{"constructor":{"prototype":{"a":1}}}',
  ],
  ...[
    '{"note":"\\ud800"}',
    '{"\\u0000":1}',
    '{"note":"\u0000"}',
    '{"a":"\\u00"}',
    `${'['.repeat(6_000)}${']'.repeat(6_000)}`,
    '{"a":'.repeat(3_000),
  ],
  ...[
    `{"a":${'{"a":'.repeat(12)}1${'}'.repeat(12)}}`,
    `[${'{},'.repeat(4_000)}{}]`,
    `{"note":"${'x'.repeat(20_000)}"}`,
    `{"n":${'9'.repeat(5_000)}}`,
  ],
  ...[Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from('{"a":1}', 'utf16le'), Buffer.from([0x1f, 0x8b, 8, 0])],
];
const CONTENT_TYPES = [
  ...[
    'application/json; charset=utf-8',
    'application/JSON',
    'application/json; charset=utf-16',
    'application/json;',
    'application/problem+json',
  ],
  ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', '*/*', 'json', ';', '/'],
];
const JSON_TYPE = 'application/json';

interface Sent {
  readonly body: Buffer | null;
  readonly type?: string | undefined;
}
function bodyOf(schema: Schema | undefined, schemas: Schemas, known: Known): fc.Arbitrary<Sent> {
  const of = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '');
  const described = schema === undefined ? anything : objectOf(resolved(schema, schemas), schemas, known);
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant(JSON_TYPE) },
    { weight: 1, arbitrary: fc.constantFrom(...CONTENT_TYPES, undefined) },
  );
  return fc.oneof(
    { weight: schema === undefined ? 12 : 1, arbitrary: fc.constant<Sent>({ body: null }) },
    { weight: schema === undefined ? 1 : 14, arbitrary: fc.record<Sent>({ body: described.map(of), type }) },
    { weight: 1, arbitrary: fc.record<Sent>({ body: anything.map(of), type }) },
    { weight: 2, arbitrary: fc.record<Sent>({ body: fc.constantFrom(...RAW_BODIES).map((raw) => Buffer.from(raw)), type }) },
  );
}

const escaped = (value: string): string => encodeURIComponent(value.toWellFormed());
/** What stands in a path or a query: escaped text, and escapes that stand for no text. */
const inUrl = (value: unknown): string => (typeof value === 'string' ? escaped(value) : escaped(String(JSON.stringify(value))));
const BAD_ESCAPES = ['%', '%0', '%zz', '%ff', '%00', '%ed%a0%80', '%c0%80', '%2e%2e', '%2f', '+', ';', '&', '%26'];

const urlValue = ({ name, schema }: Parameter, schemas: Schemas, known: Known): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 10, arbitrary: valueOf(name, schema.type === undefined ? { type: 'string' } : schema, schemas, known).map(inUrl) },
    { weight: 1, arbitrary: fc.constantFrom(...BAD_ESCAPES) },
  );

/** An empty segment would be another path. */
function pathOf({ path, parameters }: Operation, schemas: Schemas, known: Known): fc.Arbitrary<string> {
  const inPath = parameters.filter(({ in: at }) => at === 'path');
  const values = Object.fromEntries(inPath.map((one) => [one.name, urlValue(one, schemas, known)]));
  return fc.record(values).map((of) => path.replaceAll(/\{(\w+)\}/g, (_hole, name: string) => (of[name] === '' ? 'x' : (of[name] ?? 'x'))));
}

function queryOf({ parameters }: Operation, schemas: Schemas, known: Known): fc.Arbitrary<string> {
  const described = parameters
    .filter(({ in: at }) => at === 'query')
    .map((one) => urlValue(one, schemas, known).map((value) => `${one.name}=${value}`));
  const stray = fc.tuple(fc.constantFrom('x', ...OF_PROTOTYPES), text).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  const shaped = fc
    .constantFrom(...parameters.map(({ name }) => name), 'x')
    .chain((name) => fc.constantFrom(`${name}[]=1`, `${name}[a]=1`, `${name}=1&${name}=2`, name));
  const pair = fc.oneof(
    ...described.map((arbitrary) => ({ weight: 4, arbitrary })),
    { weight: 1, arbitrary: stray },
    { weight: 1, arbitrary: shaped },
  );
  const pairs = fc.array(pair, { minLength: 1, maxLength: 3 }).map((all) => `?${all.join('&')}`);
  return fc.oneof(
    { weight: described.length > 0 ? 1 : 8, arbitrary: fc.constant('') },
    { weight: described.length > 0 ? 4 : 1, arbitrary: pairs },
  );
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY'];
const HEADERS: readonly Readonly<Record<string, string>>[] = [
  ...[{ 'idempotency-key': 'one' }, { 'idempotency-key': '' }, { 'idempotency-key': 'x'.repeat(129) }, { 'idempotency-key': 'a b' }],
  ...[
    { accept: 'text/html' },
    { accept: ';' },
    { 'accept-encoding': 'gzip, br' },
    { 'last-event-id': 'f1' },
    { 'last-event-id': 'x'.repeat(5_000) },
  ],
  ...[{ range: 'bytes=0-1' }, { 'if-none-match': '*' }, { 'content-encoding': 'gzip' }, { cookie: `${'a=b; '.repeat(50)}cb_session_x=%` }],
  ...[{ 'x-forwarded-for': '1.2.3.4, x' }, { 'x-http-method-override': 'DELETE' }, { traceparent: '00-x' }, { 'x-csrf-token': 'x' }],
];

/** Any request to an operation: a good one, nearly one, or one that no client of ours would send. */
export function requestsTo(operation: Operation, schemas: Schemas, known: Known): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      method: fc.oneof({ weight: 14, arbitrary: fc.constant(operation.method) }, { weight: 1, arbitrary: fc.constantFrom(...METHODS) }),
      path: pathOf(operation, schemas, known),
      query: queryOf(operation, schemas, known),
      more: fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constantFrom(...HEADERS) }),
      sent: bodyOf(operation.body, schemas, known),
    })
    .map(({ method, path, query, more, sent: { body, type } }) => ({
      method,
      path: path + query,
      headers: { ...(body === null || type === undefined ? {} : { 'content-type': type }), ...more },
      body,
    }));
}
