import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { Answered } from '@app/http/testing';
import { OutcomeUnknown } from '@app/event-store';
import { type Instant, assertShape } from '@app/kernel';
import { type TestApp, bearer, openAccess } from '../../../testing/access-app.js';
import { hashOf } from '../../adapters/secret.adapter.js';
import { IssuedToken } from '../../issued-token.view.js';

let app: TestApp;
let admin: Record<string, string>;
beforeAll(async () => {
  app = await openAccess();
  admin = await app.signIn('admin');
});
afterAll(() => app.close());
let before: number;
beforeEach(() => void (before = app.log.facts.length));
const written = () => app.log.facts.slice(before);

const ask = { name: 'nightly backup', role: 'viewer', expires_in_days: 90 };
const issue = (body: object, headers: Record<string, string> = {}): Promise<Answered> =>
  app.request('POST', 'tokens', { headers: { ...admin, ...headers }, body });
const look = (token: string): Promise<Answered> => app.request('GET', 'sample', { headers: bearer(token) });
const rows = (tokenId: string): Promise<Record<string, unknown>[]> =>
  app.db.query('SELECT * FROM private.service_token WHERE token_id = $1', [tokenId]);

it('shows a token that works, and keeps only its hash', async () => {
  const { status, headers, body } = await issue(ask);
  expect(status).toBe(202);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(() => assertShape(IssuedToken, body)).not.toThrow();
  expect(await look(body.token)).toMatchObject({ status: 200, body: { actor: `token:${body.token_id}` } });

  const { actor } = (await app.request('GET', 'sample', { headers: admin })).body;
  expect(written()).toMatchObject([
    {
      type: 'access.token.issued',
      actor,
      data: { token_id: body.token_id, name: 'nightly backup', role: 'viewer' },
    },
  ]);
  const { data } = written()[0] as { data: { expires_at: string } };
  const days = (Date.parse(data.expires_at) - Date.now()) / (24 * 3_600_000);
  expect(days).toBeGreaterThan(89.99);
  expect(days).toBeLessThanOrEqual(90);
  expect(await rows(body.token_id)).toEqual([{ ...data, hash: hashOf(body.token), used_at: expect.any(String) }]);
});

it('issues one without an end', async () => {
  const { body } = await issue({ ...ask, expires_in_days: null });
  expect(await rows(body.token_id)).toMatchObject([{ expires_at: null }]);
  expect(await look(body.token)).toMatchObject({ status: 200 });
});

it('issues one that ends', async () => {
  const { body } = await issue({ ...ask, expires_in_days: 1 });
  await app.db.query('UPDATE private.service_token SET expires_at = $2 WHERE token_id = $1', [body.token_id, new Date().toISOString()]);
  expect(await look(body.token)).toMatchObject({ status: 401, body: { code: 'access.login-needed' } });
});

it('answers a new token under the same id to the same request, and the old one opens nothing', async () => {
  const key = { 'idempotency-key': 'again' };
  const first = (await issue(ask, key)).body;
  const { status, body } = await issue(ask, key);
  expect([status, body.token_id, body.position]).toEqual([202, first.token_id, first.position]);
  expect(await rows(first.token_id)).toMatchObject([{ hash: hashOf(body.token) }]);
  expect(await look(first.token)).toMatchObject({ status: 401 });
  expect(await look(body.token)).toMatchObject({ status: 200 });
  expect(written()).toHaveLength(1);
});

const refused = { status: 409, body: { code: 'access.token-exists' } };

it('does not issue a token again that was used', async () => {
  const key = { 'idempotency-key': 'used' };
  const { body } = await issue(ask, key);
  expect(await look(body.token)).toMatchObject({ status: 200 });
  expect(await issue(ask, key)).toMatchObject({ ...refused, body: { facts: { token_id: body.token_id } } });
  expect(await look(body.token)).toMatchObject({ status: 200 });
});

it('does not issue a token again after ten minutes', async () => {
  const key = { 'idempotency-key': 'late' };
  app.log.now = () => new Date(Date.now() - 600_000).toISOString() as Instant;
  const { body } = await issue(ask, key);
  app.log.now = () => new Date().toISOString() as Instant;
  expect(await issue(ask, key)).toMatchObject(refused);
  expect(await look(body.token)).toMatchObject({ status: 200 });
});

const caller = { ...ask, role: 'caller', bindings: [{ peer_id: 'peer-1', agent: 'travel', method_class: null }] };

it('issues a caller with its bindings, and it is a caller of its own', async () => {
  const { body } = await issue(caller);
  const of = { role: 'caller', caller_id: body.token_id, bindings: caller.bindings };
  expect(written()).toMatchObject([{ type: 'access.token.issued', data: of }]);
  expect(await rows(body.token_id)).toMatchObject([of]);
});

it.each([
  ['viewer', []],
  ['operator', [{ peer_id: null, agent: null, method_class: null }]],
  ['admin', [{ peer_id: null, agent: null, method_class: null }]],
])('binds a token of the role %s by its role', async (role, bindings) => {
  await issue({ ...ask, role });
  expect(written()).toMatchObject([{ data: { role, bindings } }]);
});

it('does not issue a caller again that asks for other bindings', async () => {
  const key = { 'idempotency-key': 'other-bindings' };
  const { body } = await issue(caller, key);
  expect(await issue({ ...caller, bindings: [] }, key)).toMatchObject({ status: 422, body: { code: 'http.key-reused' } });
  app.log.requests.clear();
  expect(await issue({ ...caller, bindings: [] }, key)).toMatchObject({ status: 409, body: { code: 'access.token-exists' } });
  expect(await issue(caller, key)).toMatchObject({ status: 202, body: { token_id: body.token_id } });
});

it.each([{ role: 'admin' }, { name: 'other' }])('does not issue a token again that asks for another: %j', async (other) => {
  const key = { 'idempotency-key': `other-${Object.keys(other).join()}` };
  const { body } = await issue(ask, key);
  expect(await issue({ ...ask, ...other }, key)).toMatchObject({ status: 422, body: { code: 'http.key-reused' } });
  app.log.requests.clear();
  expect(await issue({ ...ask, ...other }, key)).toMatchObject(refused);
  expect(await rows(body.token_id)).toMatchObject([{ hash: hashOf(body.token), name: ask.name, role: ask.role }]);
});

it.each(['before', 'after'] as const)('issues one token though it was cut off %s its fact was written', async (when) => {
  const key = { 'idempotency-key': `cut-${when}` };
  const name = `cut ${when}`;
  app.log[when] = () => {
    app.log[when] = () => undefined;
    throw new OutcomeUnknown('c1');
  };
  expect(await issue({ ...ask, name }, key)).toMatchObject({ status: 503, body: { code: 'event-store.outcome-unknown' } });
  const { status, body } = await issue({ ...ask, name }, key);
  expect(status).toBe(202);
  expect(await look(body.token)).toMatchObject({ status: 200 });
  expect(await app.db.query('SELECT token_id FROM private.service_token WHERE name = $1', [name])).toEqual([{ token_id: body.token_id }]);
  expect(written().filter(({ type }) => type === 'access.token.issued')).toHaveLength(1);
});

it('answers only the newest of two requests with the same key that come at once', async () => {
  const key = { 'idempotency-key': 'at-once' };
  let second: Answered | undefined;
  app.log.after = async () => {
    app.log.after = () => undefined;
    second = await issue(ask, key);
  };
  expect(await issue(ask, key)).toMatchObject(refused);
  expect(await look(second?.body.token)).toMatchObject({ status: 200 });
});

it('issues one of two tokens that are asked for at once with the same key, and refuses the other', async () => {
  const key = { 'idempotency-key': 'two-at-once' };
  let first: Answered | undefined;
  app.log.before = async () => {
    app.log.before = () => undefined;
    first = await issue({ ...ask, name: 'first at once' }, key);
  };
  const other = await issue({ ...ask, name: 'other at once', role: 'admin' }, key);
  expect(other).toMatchObject({ status: 422, body: { code: 'http.key-reused' } });
  expect([first?.status, written().map(({ data }) => (data as { name: string }).name)]).toEqual([202, ['first at once']]);
  expect(await rows(first?.body.token_id)).toMatchObject([{ name: 'first at once', role: 'viewer', hash: hashOf(first?.body.token) }]);
});

it('does not bring a revoked token back, with whatever secret', async () => {
  const key = { 'idempotency-key': 'back' };
  const { body } = await issue(ask, key);
  await app.request('POST', `tokens/${body.token_id}/revoke`, { headers: admin });
  expect(await issue(ask, key)).toMatchObject({ status: 409, body: { code: 'access.token-exists' } });
  expect(await rows(body.token_id)).toEqual([]);
});

it('leaves nothing behind when the log does not answer, and may be asked again', async () => {
  const key = { 'idempotency-key': 'log' };
  app.log.isDown = true;
  expect(await issue({ ...ask, name: 'log' }, key)).toMatchObject({ status: 503, body: { code: 'event-store.unavailable' } });
  expect(await app.db.query('SELECT * FROM private.service_token WHERE name = $1', ['log'])).toEqual([]);
  app.log.isDown = false;
  const { status, body } = await issue({ ...ask, name: 'log' }, key);
  expect(status).toBe(202);
  expect(await look(body.token)).toMatchObject({ status: 200 });
});

it('writes no fact when PostgreSQL does not answer', async () => {
  app.postgres.cut();
  expect(await issue(ask)).toMatchObject({ status: 503, body: { code: 'access.unavailable' } });
  app.postgres.mend();
  expect(written()).toEqual([]);
});

it.each(['viewer', 'operator'] as const)('is not for %ss', async (role) => {
  const headers = await app.signIn(role);
  expect(await app.request('POST', 'tokens', { headers, body: ask })).toMatchObject({ status: 403, body: { code: 'access.denied' } });
});

it.each([
  ['name', { ...ask, name: '' }],
  ['name', { ...ask, name: 'x'.repeat(101) }],
  ['name', { ...ask, name: 'two\nlines' }],
  ['role', { ...ask, role: 'root' }],
  ['expires_in_days', { ...ask, expires_in_days: 0 }],
  ['expires_in_days', { ...ask, expires_in_days: 3651 }],
  ['expires_in_days', { ...ask, expires_in_days: 1.5 }],
  ['expires_in_days', { name: ask.name, role: ask.role }],
  ['token_id', { ...ask, token_id: 't-1' }],
  ['bindings', { ...ask, role: 'caller' }],
  ['bindings', { ...ask, bindings: [] }],
  ['bindings', { ...caller, role: 'admin' }],
  ['bindings', { ...caller, bindings: null }],
  ['bindings', { ...caller, bindings: [{ peer_id: null, agent: null }] }],
  ['bindings', { ...caller, bindings: [{ peer_id: '*', agent: null, method_class: null }] }],
  ['bindings', { ...caller, bindings: [{ peer_id: null, agent: '..', method_class: null }] }],
  ['bindings', { ...caller, bindings: [{ peer_id: null, agent: null, method_class: 'write' }] }],
  ['bindings', { ...caller, bindings: Array(33).fill(caller.bindings[0]) }],
])('does not understand such a %s: %j', async (field, body) => {
  const answer = await issue(body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
  expect(answer.body.errors[0].field).toBe(field);
});

it('is described as it is taken and answered', () => {
  const { paths, components } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
  const operation = paths['/api/v1/infrastructure/tokens']?.post;
  expect(JSON.stringify(operation?.requestBody)).toContain('"#/components/schemas/IssueTokenBody"');
  expect(JSON.stringify(operation?.responses['202'])).toContain('"#/components/schemas/IssuedToken"');
  expect(components?.schemas?.['IssueTokenBody']).toMatchObject({
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 100 },
      role: { enum: ['viewer', 'operator', 'admin', 'caller'] },
      expires_in_days: { type: 'integer', nullable: true, minimum: 1, maximum: 3650 },
    },
    required: ['name', 'role', 'expires_in_days'],
  });
});
