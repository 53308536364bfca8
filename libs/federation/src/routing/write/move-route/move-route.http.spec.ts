import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { type RoutesApp, openRoutesApp } from '../../../../testing/routes-app.js';
import { RouteAdded } from '../../events/index.js';
import { MoveRouteController } from './move-route.controller.js';

const log = new MemoryLog();
let app: RoutesApp;
beforeAll(async () => {
  app = await openRoutesApp([MoveRouteController], log);
  for (const rule_id of ['rule-1', 'rule-2']) log.add(newEvent(RouteAdded, { ...RouteAdded.example, rule_id, before: null }));
});
afterAll(() => app.close());

const move = (decider: string, body: unknown) => app.ask('POST', `routes/${decider}/move`, body);

it('moves a rule, and writes nothing when it stands there', async () => {
  for (let asked = 0; asked < 2; asked++) expect(await move('rule-2', { before: 'rule-1' })).toMatchObject({ status: 202 });
  expect(log.facts).toHaveLength(3);
  expect(log.facts.at(-1)).toMatchObject({ type: 'federation.route.moved', data: { rule_id: 'rule-2', before: 'rule-1' } });
});

it('says no to a rule, and to a place, that is not there', async () => {
  expect(await move('rule-3', { before: null })).toMatchObject({ status: 404, body: { code: 'federation.rule-unknown' } });
  expect(await move('rule-1', { before: 'rule-3' })).toMatchObject({ status: 422, body: { code: 'federation.before-unknown' } });
});

it('wants to be told the place', async () => {
  expect(await move('rule-1', {})).toMatchObject({ status: 400, body: { errors: [{ field: 'before' }] } });
});
