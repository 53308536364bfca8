import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type Door, doorOf } from '@app/http/testing';
import { assertShape, newEvent } from '@app/kernel';
import { RouteAdded } from '../../events/index.js';
import { TestRouteController } from './test-route.controller.js';
import { RouteTested } from './test-route.view.js';

const log = new MemoryLog();
let door: Door;
const add = (rule_id: string, more: Partial<RouteAdded>): void =>
  log.add(newEvent(RouteAdded, { ...RouteAdded.example, before: null, peer_id: null, agent: null, method_class: null, rule_id, ...more }));

beforeAll(async () => {
  door = await doorOf([TestRouteController], [{ provide: CommandHandler, useValue: log }]);
  add('rule-no-admin', { direction: 'out', method_class: 'admin', action: 'deny', target_url: null });
  add('rule-out', { direction: 'out', action: 'allow', target_url: null });
  add('rule-in', { direction: 'in', agent: 'planner', action: 'route', target_url: 'https://agents.example/planner/' });
});
afterAll(() => door.close());

const ask = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', method: 'SendMessage' };
const test = (more: object = {}) => door.ask('POST', 'routes/test', { ...ask, ...more });

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

it('writes nothing', () => expect(log.facts).toHaveLength(3));

it.each([
  ['direction', { direction: 'up' }],
  ['peer_id', { peer_id: '' }],
  ['agent', { agent: '.' }],
  ['method', { method: 'x'.repeat(201) }],
])('does not understand %s', async (field, more) => {
  expect(await test(more)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});
