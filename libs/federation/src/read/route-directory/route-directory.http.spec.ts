import { ListAnswerOf } from '@app/http';
import { type Door, doorOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { ReadModels } from '@app/read-store';
import { RouteDirectoryController } from './route-directory.controller.js';
import { Route, type RouteEntry } from './route-directory.view.js';

const rule: RouteEntry = {
  rule_id: 'rule-1',
  direction: 'out',
  peer_id: null,
  agent: 'planner',
  method_class: null,
  action: 'allow',
  target_url: null,
  note: '',
  version: 48,
  added_at: NOW,
  added_by: 'token:7c9e6679',
  held: false,
};
let rows: unknown[] = [];
let door: Door;
const reads: ReadModels = {
  answer: async (_model, { after }, query) => ({
    data: await query({ query: async () => ({ rows }) }),
    as_of: NOW,
    position: after ?? 'f81730',
    lag_ms: 3,
    warnings: [],
  }),
};

beforeAll(async () => {
  door = await doorOf([RouteDirectoryController], [{ provide: ReadModels, useValue: reads }]);
});
afterAll(() => door.close());

it('answers with every rule and its place', async () => {
  rows = [{ rules: [rule, { ...rule, rule_id: 'rule-2' }] }];
  const { status, body } = await door.ask('GET', 'routes?after=f81724');
  expect(status).toBe(200);
  expect(() => assertShape(ListAnswerOf(Route), body)).not.toThrow();
  const data = [
    { ...rule, order: 1 },
    { ...rule, rule_id: 'rule-2', order: 2 },
  ];
  expect(body).toEqual({ as_of: NOW, position: 'f81724', lag_ms: 3, warnings: [], data });
});

it('answers with none before one was added', async () => {
  rows = [];
  expect(await door.ask('GET', 'routes')).toMatchObject({ status: 200, body: { data: [] } });
});

it('does not understand ?limit=1', async () => {
  expect(await door.ask('GET', 'routes?limit=1')).toMatchObject({ status: 400, body: { errors: [{ field: 'limit' }] } });
});
