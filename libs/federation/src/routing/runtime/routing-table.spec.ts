import { Logger } from '@nestjs/common';
import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { RouteAdded, RouteRemoved } from '../events/index.js';
import type { CallToRoute } from '../routing.js';
import { RoutingTable } from './routing-table.provider.js';

const allow = (rule_id: string, more: Partial<RouteAdded> = {}) =>
  newEvent(RouteAdded, {
    ...RouteAdded.example,
    rule_id,
    before: null,
    direction: 'out',
    peer_id: null,
    agent: null,
    classes: null,
    credential: null,
    limits: null,
    action: 'allow',
    target_url: null,
    ...more,
  });
const remove = (rule_id: string) => newEvent(RouteRemoved, { route_table: 'main', rule_id });
const call: CallToRoute = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', method_class: 'send' };

let log: MemoryLog;
let table: RoutingTable;
beforeEach(() => {
  log = new MemoryLog();
  table = new RoutingTable(log.subscription);
});

it('follows the rules as they change', async () => {
  log.add(allow('rule-1'));
  await table.onApplicationBootstrap();
  expect(table.decide(call)).toEqual({
    action: 'allow',
    rule_id: 'rule-1',
    rule_version: 1,
    target_url: null,
    credential: null,
    limits: null,
  });
  log.add(allow('rule-2', { action: 'deny', before: 'rule-1' }));
  expect(table.decide(call)).toMatchObject({ action: 'deny', rule_id: 'rule-2', rule_version: 2 });
  log.add(remove('rule-2'), remove('rule-1'));
  expect(table.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
});

it('denies all until it has heard the whole table: what it heard may have been removed since', async () => {
  log.isHeldBack = true;
  log.add(allow('rule-1'), remove('rule-1'));
  const started = table.onApplicationBootstrap();
  log.tell(1);
  expect(table.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
  log.tell();
  await started;
  expect(table.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
});

it('tells of each change, when it is made, until nobody listens', async () => {
  await table.onApplicationBootstrap();
  const heard: (string | null)[] = [];
  const end = table.onChange(() => heard.push(table.decide(call).rule_id));
  log.add(allow('rule-1'), remove('rule-1'));
  end();
  log.add(allow('rule-2'));
  expect(heard).toEqual(['rule-1', null]);
});

it('denies all once it can hear no more: what it does not hear may be that a rule is removed', async () => {
  Logger.overrideLogger(false); // It tells of that.
  log.add(allow('rule-1'));
  await table.onApplicationBootstrap();
  expect(table.decide(call)).toMatchObject({ action: 'allow' });
  expect(table.isLost).toBe(false);
  log.lose();
  expect(table.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
  expect(table.isLost).toBe(true);
});

it.each([
  ['from then on', false],
  ['from the start, when it is there already, and all else may start', true],
])('denies all at a rule of a newer release, which may deny what the others allow: %s', async (_when, isThere) => {
  const said: string[] = [];
  Logger.overrideLogger({ log: () => undefined, warn: () => undefined, error: (words) => void said.push(words) });
  const newer = { ...allow('rule-2'), type: 'federation.route.narrowed' };
  log.unknown.add(newer.type);
  log.add(allow('rule-1'));
  if (isThere) log.add(newer);
  await table.onApplicationBootstrap();
  if (!isThere) log.add(newer);
  expect([table.decide(call), table.agentsOpenTo('peer-lisbon')]).toMatchObject([{ action: 'deny', rule_id: null }, []]);
  expect(said).toEqual([expect.stringMatching(/^Denies every call until the routing rule at 2 .*event\.unknown/)]);
  expect(table.isLost).toBe(false);
});

it('denies all at a rule that cannot be read, and reads the whole table again when that is voided', async () => {
  Logger.overrideLogger(false); // It tells of that.
  log.add(allow('rule-1'));
  await table.onApplicationBootstrap();
  let changes = 0;
  table.onChange(() => changes++);
  log.unreadable.add(2);
  log.add(allow('rule-2', { action: 'deny', peer_id: null }));
  expect([table.decide(call).action, changes]).toEqual(['deny', 1]);
  log.add(remove('rule-1'), allow('rule-3'));
  expect(table.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
  log.void(2);
  expect(table.decide(call)).toMatchObject({ action: 'allow', rule_id: 'rule-3' });
});

it('hears no more when it ends', async () => {
  await table.onApplicationBootstrap();
  table.onModuleDestroy();
  log.add(allow('rule-1'));
  expect(table.decide(call)).toMatchObject({ action: 'deny', rule_id: null });
});
