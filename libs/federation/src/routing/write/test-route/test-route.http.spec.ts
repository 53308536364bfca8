import { MemoryLog } from '@app/event-store/testing';
import { assertShape, newEvent } from '@app/kernel';
import { GOOD, type RoutesApp, openRoutesApp } from '../../../../testing/routes-app.js';
import { RouteAdded } from '../../events/index.js';
import { TestRouteController } from './test-route.controller.js';
import { RouteTested } from './test-route.view.js';

const log = new MemoryLog();
let app: RoutesApp;
const add = (rule_id: string, more: Partial<RouteAdded>): void =>
  log.add(newEvent(RouteAdded, { ...RouteAdded.example, before: null, peer_id: null, agent: null, classes: null, rule_id, ...more }));

const NOTHING = { target_url: null, credential: null, limits: null };

beforeAll(async () => {
  app = await openRoutesApp([TestRouteController], log);
  add('rule-no-admin', { direction: 'out', classes: ['admin'], action: 'deny', ...NOTHING });
  add('rule-out', { direction: 'out', action: 'allow', ...NOTHING });
  add('rule-in', {
    direction: 'in',
    agent: 'planner',
    action: 'route',
    target_url: 'https://agents.example/planner/',
    classes: ['read', 'send'],
  });
});
afterAll(() => app.close());

const ask = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', method: 'SendMessage' };
const test = (more: object = {}) => app.ask('POST', 'routes/test', { ...ask, ...more });

it.each([
  [
    {},
    {
      action: 'allow',
      rule_id: 'rule-out',
      rule_version: 2,
      target_url: null,
      method_class: 'send',
      sentence: 'A send call to peer-lisbon for planner is allowed by rule-out, rule 2 of 3.',
    },
  ],
  [{ method: 'tasks/get' }, { action: 'allow', method_class: 'read' }],
  [
    { method: 'DeleteTaskPushNotificationConfig' },
    {
      action: 'deny',
      rule_id: 'rule-no-admin',
      rule_version: 1,
      method_class: 'admin',
      sentence: expect.stringContaining('is denied by rule-no-admin, rule 1 of 3'),
    },
  ],
  [
    { direction: 'in' },
    {
      action: 'route',
      rule_id: 'rule-in',
      target_url: 'https://agents.example/planner/',
      sentence: 'A send call from peer-lisbon for planner goes to https://agents.example/planner/ by rule-in, rule 3 of 3.',
    },
  ],
  [
    { direction: 'in', method: 'CreateTaskPushNotificationConfig' },
    {
      action: 'deny',
      rule_id: null,
      sentence:
        'A admin call from peer-lisbon for planner is denied: none of the 3 rules matches it. rule-in would, if its classes, read and send, ' +
        'had admin among them.',
    },
  ],
  [
    { direction: 'in', agent: 'buyer' },
    {
      action: 'deny',
      rule_id: null,
      rule_version: null,
      target_url: null,
      sentence: 'A send call from peer-lisbon for buyer is denied: none of the 3 rules matches it.',
    },
  ],
])('%j', async (more, expected) => {
  const { status, body } = await test(more);
  expect([status, body]).toEqual([200, expect.objectContaining(expected)]);
  expect(() => assertShape(RouteTested, body)).not.toThrow();
});

it('says to an operator what the card of the agent says, and asks for none on behalf of others', async () => {
  app.checked.length = 0;
  expect((await test({ direction: 'in' })).body).toMatchObject({ agent: GOOD });
  const { credential } = RouteAdded.example;
  expect(app.checked).toEqual([{ agent: 'planner', rule_id: 'rule-in', target_url: 'https://agents.example/planner/', credential }]);
  expect((await test()).body).toMatchObject({ agent: null });
  for (const role of ['viewer', undefined] as const) {
    app.as(role);
    expect((await test({ direction: 'in' })).body).toMatchObject({ action: 'route', agent: null });
  }
  app.as('operator');
  expect(app.checked).toHaveLength(1);
});

it('writes nothing', () => expect(log.facts).toHaveLength(3));

it.each([
  ['direction', { direction: 'up' }],
  ['peer_id', { peer_id: '' }],
  ['agent', { agent: '.' }],
  ['method', { method: 'x'.repeat(201) }],
])('does not understand %s', async (field, more) => {
  expect(await test(more)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});
