import { ListAnswerOf } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import { NOW } from '@app/kernel/testing';
import { ReadModels } from '@app/read-store';
import { RouteAdded } from '../../events/index.js';
import { RouteDirectoryController } from './route-directory.controller.js';
import { Route, type RouteEntry } from './route-directory.view.js';

const rule: RouteEntry = {
  rule_id: 'rule-1',
  direction: 'out',
  peer_id: null,
  agent: 'planner',
  classes: null,
  action: 'allow',
  target_url: null,
  credential: null,
  limits: null,
  note: '',
  version: 48,
  added_at: NOW,
  added_by: 'token:7c9e6679',
  held: false,
};
let rows: unknown[] = [];
let app: TestApp;
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
  app = await testAppOf([RouteDirectoryController], [{ provide: ReadModels, useValue: reads }]);
});
afterAll(() => app.close());

it('answers with every rule and its place', async () => {
  rows = [{ rules: [rule, { ...rule, rule_id: 'rule-2' }] }];
  const { status, body } = await app.ask('GET', 'routes?after=f81724');
  expect(status).toBe(200);
  expect(() => assertShape(ListAnswerOf(Route), body)).not.toThrow();
  const warnings = [expect.stringMatching(/names no classes.*admin.*rule-1 --classes read,send/), expect.stringContaining('has no limits')];
  const data = [
    { ...rule, order: 1, method_class: null, warnings },
    { ...rule, rule_id: 'rule-2', order: 2, method_class: null, warnings: expect.any(Array) },
  ];
  expect(body).toEqual({ as_of: NOW, position: 'f81724', lag_ms: 3, warnings: [], data });
});

it('answers with none before one was added', async () => {
  rows = [];
  expect(await app.ask('GET', 'routes')).toMatchObject({ status: 200, body: { data: [] } });
});

it('does not understand ?limit=1', async () => {
  expect(await app.ask('GET', 'routes?limit=1')).toMatchObject({ status: 400, body: { errors: [{ field: 'limit' }] } });
});

it.each([
  ['names classes and has limits', { classes: ['send'], limits: RouteAdded.example.limits }, [], 'send'],
  ['names several classes', { classes: ['read', 'send'], limits: RouteAdded.example.limits }, [], null],
  ['names classes alone', { classes: ['admin'] }, [expect.stringContaining('no limits')], 'admin'],
  ['denies', { action: 'deny' }, [], null],
])('warns of what a later release refuses, of a rule that %s: %j', async (_what, more, warnings, method_class) => {
  rows = [{ rules: [{ ...rule, ...more }] }];
  expect((await app.ask('GET', 'routes')).body).toMatchObject({ data: [{ warnings, method_class }] });
});
