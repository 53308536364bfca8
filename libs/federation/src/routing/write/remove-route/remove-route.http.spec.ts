import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { type RoutesApp, openRoutesApp } from '../../../../testing/routes-app.js';
import { RouteAdded } from '../../events/index.js';
import { RemoveRouteController } from './remove-route.controller.js';

const log = new MemoryLog();
let app: RoutesApp;

beforeAll(async () => {
  app = await openRoutesApp([RemoveRouteController], log);
  log.add(newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null }));
});
afterAll(() => app.close());

it('removes a rule, once for one Idempotency-Key, and then knows it no more', async () => {
  const remove = (key: string) => app.ask('DELETE', 'routes/rule-1', undefined, { 'idempotency-key': key });
  expect(await remove('k1')).toMatchObject({ status: 202, body: { position: 'f2' } });
  expect(await remove('k1')).toMatchObject({ status: 202, body: { position: 'f2' } });
  expect(await remove('k2')).toMatchObject({ status: 404, body: { code: 'federation.rule-unknown', facts: { rule_id: 'rule-1' } } });
});

it('does not understand an id that is none', async () => {
  expect(await app.ask('DELETE', 'routes/rule.*')).toMatchObject({ status: 400, body: { errors: [{ field: 'rule_id' }] } });
});

it('takes the credential of the rule with it, and no other', async () => {
  log.add(newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-2', before: null }));
  for (const decider of ['rule-2', 'rule-3']) await app.credentials.keep(decider, 'https://agents.example/', 'Bearer x');
  expect((await app.ask('DELETE', 'routes/rule-gone')).status).toBe(404);
  expect(app.credentials.rows.size).toBe(2);
  expect((await app.ask('DELETE', 'routes/rule-2')).status).toBe(202);
  expect([...app.credentials.rows.values()]).toMatchObject([{ rule_id: 'rule-3' }]);
});
