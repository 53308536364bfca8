import { MemoryLog } from '@app/event-store/testing';
import { assertShape } from '@app/kernel';
import { registered, removed } from '../../../../testing/index.js';
import { GOOD, type RoutesApp, openRoutesApp } from '../../../../testing/routes-app.js';
import { RouteAdded } from '../../events/index.js';
import { AddRouteController } from './add-route.controller.js';
import { RouteAccepted } from './add-route.view.js';

let log: MemoryLog;
let app: RoutesApp;

beforeEach(async () => {
  log = new MemoryLog();
  log.add(registered);
  app = await openRoutesApp([AddRouteController], log, [{ host: '127.0.0.1', port: 4600 }]);
});
afterEach(() => app.close());

const allow = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', action: 'allow' };
const route = { direction: 'in', action: 'route', target_url: 'http://127.0.0.1:9000/planner/' };
const post = (body: unknown, key?: string) => app.ask('POST', 'routes', body, key === undefined ? {} : { 'idempotency-key': key });
const rules = (): RouteAdded[] => log.facts.filter(({ type }) => type === 'federation.route.added').map(({ data }) => data as RouteAdded);

it('adds a rule, whose open fields match any', async () => {
  const { status, body } = await post(allow);
  expect(status).toBe(202);
  expect(() => assertShape(RouteAccepted, body)).not.toThrow();
  const { position, rule_id } = body as RouteAccepted;
  expect(position).toBe('f2');
  expect(rule_id).toMatch(/^rule-[0-9a-f]{16}$/);
  expect(rules()).toEqual([
    {
      route_table: 'main',
      rule_id,
      before: null,
      direction: 'out',
      peer_id: 'peer-lisbon',
      agent: 'planner',
      classes: ['read', 'send'],
      action: 'allow',
      target_url: null,
      credential: null,
      limits: { calls_per_minute: 600, concurrent_calls: 64, body_bytes: 16_777_216 },
      note: '',
    },
  ]);
});

it('takes null for what is left open, as an answer shows it', async () => {
  expect(
    (await post({ ...allow, peer_id: null, agent: null, method_class: null, target_url: null, credential: null, before: null })).status,
  ).toBe(202);
  expect(rules()).toMatchObject([{ peer_id: null, agent: null, classes: ['read', 'send'], credential: null }]);
});

it('adds it before another', async () => {
  const { rule_id } = (await post(allow)).body as RouteAccepted;
  expect((await post({ ...allow, action: 'deny', method_class: 'admin', before: rule_id })).status).toBe(202);
  expect(rules()[1]).toMatchObject({ before: rule_id, classes: ['admin'] });
});

it.each([
  ['http://127.0.0.1:9000', 'http://127.0.0.1:9000/'],
  ['http://127.0.0.1:9000/planner', 'http://127.0.0.1:9000/planner/'],
  ['http://127.0.0.1:9000/planner/.well-known/agent-card.json', 'http://127.0.0.1:9000/planner/'],
  ['http://127.0.0.1:9000/.well-known/agent.json', 'http://127.0.0.1:9000/'],
  ['https://AGENTS.example:443/a/../b/', 'https://agents.example/b/'],
  [`https://agents.example/${'é'.repeat(480)}`, `https://agents.example/${'%C3%A9'.repeat(480)}/`],
])('keeps the target %s in one spelling', async (target_url, kept) => {
  expect((await post({ ...route, target_url })).status).toBe(202);
  expect(rules()).toMatchObject([{ target_url: kept }]);
});

it('is carried out once for one Idempotency-Key', async () => {
  const first = await post(allow, 'k1');
  expect(await post(allow, 'k1')).toMatchObject({ status: 202, body: first.body });
  expect(rules()).toHaveLength(1);
});

it.each([
  ['https://10.0.0.1/', 'address'],
  ['https://169.254.169.254/', 'address'],
  ['http://agents.example/', 'scheme'],
  ['https://operator@agents.example/', 'userinfo'],
  ['https://agents.example/?a=1', 'query'],
  ['https://agents.example/?', 'query'],
  ['agents.example', 'not-a-url'],
  ['http://127.0.0.1:4600/', 'own'],
  ['http://localhost:4600/', 'own'],
  ['http://[::1]:4600/', 'own'],
])('refuses the target %s: %s', async (target_url, denied) => {
  const answer = await post({ ...route, target_url });
  expect(answer).toMatchObject({ status: 422, body: { code: 'federation.target-denied', facts: { denied } } });
  expect(rules()).toEqual([]);
});

it.each([
  [{ ...allow, peer_id: 'peer-quito' }, 404, 'federation.peer-unknown'],
  [{ ...allow, direction: 'in' }, 422, 'federation.rule-mismatch'],
  [{ ...route, target_url: null }, 422, 'federation.target-missing'],
  [{ ...route, action: 'deny' }, 422, 'federation.target-unused'],
  [{ ...allow, credential: { value: 'Bearer x' } }, 422, 'federation.credential-unused'],
  [{ ...route, credential: { value: 'x' } }, 422, 'federation.credential-scheme'],
  [{ ...allow, action: 'deny', limits: { concurrent_calls: 1 } }, 422, 'federation.limits-unused'],
  [{ ...allow, classes: ['read'], method_class: 'read' }, 422, 'federation.classes-twice'],
  [{ ...allow, before: 'rule-gone' }, 422, 'federation.before-unknown'],
])('refuses %j', async (body, status, code) => {
  expect(await post(body)).toMatchObject({ status, body: { code, next: expect.stringMatching(/\.$/) } });
  expect(rules()).toEqual([]);
});

it('refuses a peer that was removed', async () => {
  log.add(removed);
  expect(await post(allow)).toMatchObject({ status: 404, body: { code: 'federation.peer-unknown' } });
});

it.each([
  ['direction', { ...allow, direction: 'both' }],
  ['action', { ...allow, action: 'drop' }],
  ['agent', { ...allow, agent: '../planner' }],
  ['agent', { ...allow, agent: '..' }],
  ['agent', { ...allow, agent: 'a'.repeat(65) }],
  ['method_class', { ...allow, method_class: 'write' }],
  ['target_url', { ...route, target_url: `https://agents.example/${'x'.repeat(512)}` }],
  ['classes', { ...allow, classes: [] }],
  ['classes', { ...allow, classes: ['write'] }],
  ['limits.calls_per_minute', { ...allow, limits: { calls_per_minute: 0 } }],
  ['limits.calls', { ...allow, limits: { calls: 5 } }],
  ['note', { ...allow, note: 'x'.repeat(501) }],
  ['before', { ...allow, before: 'rule *' }],
  ['limit', { ...allow, limit: 5 }],
])('does not understand %s', async (field, body) => {
  expect(await post(body)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});

describe('a credential', () => {
  const VALUE = 'Bearer cb-agent-9f2c';
  const add = (credential: object, more: object = {}) => post({ ...route, credential, ...more });

  it('is kept apart from the rule, for its target: the fact names it, and neither fact nor answer has its value', async () => {
    const { status, text, body } = await add({ value: VALUE });
    const { rule_id } = body as RouteAccepted;
    expect([status, text]).toEqual([202, expect.not.stringContaining('cb-agent')]);
    expect([...app.credentials.rows]).toEqual([['cred-1', { rule_id, target: route.target_url, value: VALUE }]]);
    const credential = { credential_id: 'cred-1', header: 'Authorization', version: 1, fingerprint: '3f2a-91bc-04de-77a1' };
    expect(rules()).toMatchObject([{ rule_id, credential }]);
    expect(JSON.stringify(log.facts)).not.toContain('cb-agent');
  });

  it('goes in the header that is named', async () => {
    expect((await add({ header: 'X-Api-Key', value: 'k-1' })).status).toBe(202);
    expect(rules()).toMatchObject([{ credential: { header: 'X-Api-Key' } }]);
  });

  it('is not kept of a rule that is refused', async () => {
    expect((await add({ value: VALUE }, { before: 'rule-gone' })).status).toBe(422);
    expect(app.credentials.rows.size).toBe(0);
  });

  it.each([
    ...['Host', 'content-type', 'Content-Length', 'Transfer-Encoding', 'Connection', 'upgrade', 'TE', 'Cookie', 'Forwarded'],
    ...['X-Forwarded-For', 'x-cb-caller', 'A2A-Version', 'X-A2A-Extensions', 'traceparent', 'accept', 'Proxy-Connection'],
    ...['', 'a b', 'a:b', 'x\r\ny', 'é', 'x'.repeat(65)],
  ])('may not be in the header %j', async (header) => {
    const answer = await add({ header, value: VALUE });
    expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field: 'credential.header' }] } });
    expect([answer.text, app.credentials.rows.size]).toEqual([expect.not.stringContaining('cb-agent'), 0]);
  });

  it.each(['', ' Bearer x', 'Bearer x ', 'Bearer x\r\nHost: y', 'Bearer \0', 'Bearer é', `Bearer ${'x'.repeat(4090)}`])(
    'may not be %j',
    async (value) => {
      const answer = await add({ value });
      expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
      expect((answer.body as { errors: { field: string }[] }).errors.map(({ field }) => field)).toContain('credential.value');
    },
  );
});

describe('the classes of a rule', () => {
  it.each([
    ['read and send, unless it names others', {}, ['read', 'send']],
    ['all of a rule that denies, unless it names others', { action: 'deny' }, ['read', 'send', 'admin']],
    ['those that are named, in one order', { classes: ['admin', 'read', 'admin'] }, ['read', 'admin']],
    ['the one that an earlier release names', { method_class: 'admin' }, ['admin']],
  ])('are %s', async (_what, more, classes) => {
    expect((await post({ ...allow, ...more })).status).toBe(202);
    expect(rules()).toMatchObject([{ classes }]);
  });
});

describe('the limits of a rule', () => {
  it('are those of a new rule where none are given, and none of a rule that denies', async () => {
    await post({ ...allow, limits: { concurrent_calls: 4 } });
    await post({ ...allow, action: 'deny' });
    expect(rules()).toMatchObject([{ limits: { calls_per_minute: 600, concurrent_calls: 4, body_bytes: 16_777_216 } }, { limits: null }]);
  });
});

it('says what the card of the agent says, and asks for none where nothing is routed', async () => {
  const { rule_id, agent } = (await post({ ...route, agent: 'planner' })).body as RouteAccepted;
  expect(agent).toEqual(GOOD);
  expect(app.checked).toEqual([{ rule_id, agent: 'planner', target_url: route.target_url, credential: null }]);
  expect((await post(allow)).body).toMatchObject({ agent: null });
  expect(app.checked).toHaveLength(1);
});
