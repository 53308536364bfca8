import { CommandHandler } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type Door, doorOf } from '@app/http/testing';
import { newEvent } from '@app/kernel';
import { RouteAdded } from '../../events/index.js';
import { RemoveRouteController } from './remove-route.controller.js';

const log = new MemoryLog();
let door: Door;

beforeAll(async () => {
  door = await doorOf([RemoveRouteController], [{ provide: CommandHandler, useValue: log }]);
  log.add(newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null }));
});
afterAll(() => door.close());

it('removes a rule, once for one Idempotency-Key, and then knows it no more', async () => {
  const remove = (key: string) => door.ask('DELETE', 'routes/rule-1', undefined, { 'idempotency-key': key });
  expect(await remove('k1')).toMatchObject({ status: 202, body: { position: 'f2' } });
  expect(await remove('k1')).toMatchObject({ status: 202, body: { position: 'f2' } });
  expect(await remove('k2')).toMatchObject({ status: 404, body: { code: 'federation.rule-unknown', facts: { rule_id: 'rule-1' } } });
});

it('does not understand an id that is none', async () => {
  expect(await door.ask('DELETE', 'routes/rule.*')).toMatchObject({ status: 400, body: { errors: [{ field: 'rule_id' }] } });
});
