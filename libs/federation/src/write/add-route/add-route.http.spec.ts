import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { OutboundGuard } from '@app/http';
import { type Door, doorOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { registered, removed } from '../../../testing/index.js';
import { RouteAdded } from '../../events/index.js';
import { AddRouteController } from './add-route.controller.js';
import { RouteAccepted } from './add-route.view.js';

let log: MemoryLog;
let door: Door;

beforeEach(async () => {
  log = new MemoryLog();
  log.add(registered);
  const guard = new OutboundGuard({ allowCidrs: [], allowLoopbackHttp: true });
  door = await doorOf(
    [AddRouteController],
    [
      { provide: CommandHandler, useValue: log },
      { provide: OutboundGuard, useValue: guard },
    ],
  );
});
afterEach(() => door.close());

const allow = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', action: 'allow' };
const route = { direction: 'in', action: 'route', target_url: 'http://127.0.0.1:9000/planner/' };
const post = (body: unknown, key?: string) => door.ask('POST', 'routes', body, key === undefined ? {} : { 'idempotency-key': key });
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
      method_class: null,
      action: 'allow',
      target_url: null,
      note: '',
    },
  ]);
});

it('takes null for what is left open, as an answer shows it', async () => {
  expect((await post({ ...allow, peer_id: null, agent: null, method_class: null, target_url: null, before: null })).status).toBe(202);
  expect(rules()).toMatchObject([{ peer_id: null, agent: null, method_class: null }]);
});

it('adds it before another', async () => {
  const { rule_id } = (await post(allow)).body as RouteAccepted;
  expect((await post({ ...allow, action: 'deny', method_class: 'admin', before: rule_id })).status).toBe(202);
  expect(rules()[1]).toMatchObject({ before: rule_id, method_class: 'admin' });
});

it.each([
  ['http://127.0.0.1:9000', 'http://127.0.0.1:9000/'],
  ['http://127.0.0.1:9000/planner', 'http://127.0.0.1:9000/planner/'],
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
  ['note', { ...allow, note: 'x'.repeat(501) }],
  ['before', { ...allow, before: 'rule *' }],
  ['limit', { ...allow, limit: 5 }],
])('does not understand %s', async (field, body) => {
  expect(await post(body)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});
