import fc from 'fast-check';
import { newEvent, readEvent } from '@app/kernel';
import { NOW, stored } from '@app/kernel/testing';
import { type MethodClass, RouteAdded, RouteEdited, RouteHeld, RouteMoved, RouteReleased, RouteRemoved } from './events/index.js';
import { type CallToRoute, type RouteRule, type Routes, decideRoute, withHeld } from './routing.js';
import { routeTable } from './route-table.stream.js';

const ANY: RouteRule = {
  rule_id: 'rule-any',
  direction: 'out',
  peer_id: null,
  agent: null,
  classes: null,
  action: 'allow',
  target_url: null,
  credential: null,
  limits: null,
  note: '',
  version: 7,
  added_at: NOW,
  added_by: 'test',
  held: false,
};
const NOWHERE = { target_url: null, credential: null, limits: null };
const call: CallToRoute = { direction: 'out', peer_id: 'peer-lisbon', agent: 'planner', method_class: 'send' };
const one = (more: Partial<RouteRule>): Routes => [{ ...ANY, ...more }];

describe('a rule', () => {
  it.each<[string, Partial<RouteRule>, boolean]>([
    ['that leaves all open', {}, true],
    ['of the other direction', { direction: 'in' }, false],
    ['about this peer', { peer_id: 'peer-lisbon' }, true],
    ['about another peer', { peer_id: 'peer-osaka' }, false],
    ['about this agent', { agent: 'planner' }, true],
    ['about another agent', { agent: 'planner2' }, false],
    ['about an agent written otherwise', { agent: 'Planner' }, false],
    ['about sending', { classes: ['send'] }, true],
    ['about sending among others', { classes: ['read', 'send'] }, true],
    ['about reading', { classes: ['read'] }, false],
    ['about administering', { classes: ['admin'] }, false],
    ['that names all of it', { peer_id: 'peer-lisbon', agent: 'planner', classes: ['send'] }, true],
    ['that names all but one of it', { peer_id: 'peer-lisbon', agent: 'planner', classes: ['read'] }, false],
  ])('%s: %j matches: %s', (_name, rule, matches) => {
    expect(decideRoute(one(rule), call)).toEqual(
      matches
        ? { action: 'allow', rule_id: 'rule-any', rule_version: 7, ...NOWHERE }
        : { action: 'deny', rule_id: null, rule_version: null, ...NOWHERE },
    );
  });

  it('that routes says where to', () => {
    const rules = one({ direction: 'in', action: 'route', target_url: 'https://agents.example/planner/' });
    expect(decideRoute(rules, { ...call, direction: 'in' })).toMatchObject({
      action: 'route',
      target_url: 'https://agents.example/planner/',
    });
  });
});

const orNull = <T>(...values: T[]) => fc.constantFrom(null, ...values);
const rules: fc.Arbitrary<RouteRule[]> = fc.array(
  fc.record<RouteRule>({
    rule_id: fc.uuid(),
    direction: fc.constantFrom('in', 'out'),
    peer_id: orNull('peer-lisbon', 'peer-osaka'),
    agent: orNull('planner', 'buyer'),
    classes: orNull<MethodClass[]>(['read'], ['send'], ['admin'], ['read', 'send']),
    action: fc.constantFrom('allow', 'deny', 'route'),
    target_url: orNull('https://agents.example/planner/'),
    credential: fc.constant(null),
    limits: fc.constant(null),
    note: fc.constant(''),
    version: fc.integer({ min: 1 }),
    added_at: fc.constant(NOW),
    added_by: fc.constant('test'),
    held: fc.constant(false),
  }),
  { maxLength: 12 },
);
const calls: fc.Arbitrary<CallToRoute> = fc.record({
  direction: fc.constantFrom('in', 'out'),
  peer_id: fc.constantFrom('peer-lisbon', 'peer-osaka', 'peer-quito'),
  agent: fc.constantFrom('planner', 'buyer', 'other'),
  method_class: fc.constantFrom('read', 'send', 'admin'),
});
const NONE = { action: 'deny', rule_id: null };

describe('a table', () => {
  it('without rules denies', () => expect(decideRoute([], call)).toMatchObject(NONE));

  it('denies what no rule matches, and else does what the first that matches alone would do', () => {
    fc.assert(
      fc.property(rules, calls, (table, asked) => {
        const alone = table.map((rule) => decideRoute([rule], asked)).filter(({ rule_id }) => rule_id !== null);
        expect(decideRoute(table, asked)).toEqual(alone[0] ?? { ...NONE, rule_version: null, ...NOWHERE });
      }),
    );
  });

  it('is not changed by rules after the one that decides', () => {
    fc.assert(
      fc.property(rules, rules, calls, (table, more, asked) => {
        const decision = decideRoute(table, asked);
        fc.pre(decision.rule_id !== null);
        expect(decideRoute([...table, ...more], asked)).toEqual(decision);
      }),
    );
  });

  it('never allows more for a rule that denies', () => {
    fc.assert(
      fc.property(rules, rules, calls, (table, [denying], asked) => {
        fc.pre(denying !== undefined);
        const before = decideRoute(table, asked);
        const after = decideRoute([{ ...denying, action: 'deny' }, ...table], asked);
        expect(after.action === 'deny' || after.action === before.action).toBe(true);
      }),
    );
  });
});

describe('the order', () => {
  const added = (rule_id: string, before: string | null = null) => newEvent(RouteAdded, { ...RouteAdded.example, rule_id, before });
  const moved = (rule_id: string, before: string | null) => newEvent(RouteMoved, { route_table: 'main', rule_id, before });
  const removed = (rule_id: string) => newEvent(RouteRemoved, { route_table: 'main', rule_id });
  const order = (...events: Parameters<typeof stored>[0][]): string[] =>
    routeTable.fold(events.map((event, i) => stored(event, i + 1))).map(({ rule_id }) => rule_id);

  it.each([
    ['as they come', [added('a'), added('b'), added('c')], ['a', 'b', 'c']],
    ['before the first', [added('a'), added('b'), added('c', 'a')], ['c', 'a', 'b']],
    ['between two', [added('a'), added('b'), added('c', 'b')], ['a', 'c', 'b']],
    ['without one that was removed', [added('a'), added('b'), removed('a')], ['b']],
    ['with one that came again', [added('a'), added('b'), removed('a'), added('a')], ['b', 'a']],
    ['last, before what is not there', [added('a'), added('b', 'gone')], ['a', 'b']],
    ['with a rule moved to the front', [added('a'), added('b'), added('c'), moved('c', 'a')], ['c', 'a', 'b']],
    ['with a rule moved to the end', [added('a'), added('b'), added('c'), moved('a', null)], ['b', 'c', 'a']],
    ['with a rule moved one down', [added('a'), added('b'), added('c'), moved('a', 'c')], ['b', 'a', 'c']],
    ['untouched by a move before itself', [added('a'), added('b'), moved('a', 'a')], ['a', 'b']],
    ['untouched by the move of what is not there', [added('a'), moved('gone', 'a')], ['a']],
    ['last, moved before what is not there', [added('a'), added('b'), moved('a', 'gone')], ['b', 'a']],
    ['untouched by the removal of what is not there', [added('a'), removed('gone')], ['a']],
  ])('is %s', (_name, events, expected) => expect(order(...events)).toEqual(expected));

  it('names each rule by the position of the fact that added it', () => {
    const [rule] = routeTable.fold([stored(added('a'), 41)]);
    const { route_table: _, before: __, ...said } = RouteAdded.example;
    expect(rule).toEqual({ ...said, rule_id: 'a', version: 41, added_at: NOW, added_by: 'test', held: false });
  });
});

describe('a rule that is edited', () => {
  const table = [
    newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'a', before: null }),
    newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'b' }),
  ];
  const { route_table: _, ...said } = RouteEdited.example;
  const fold = (...events: Parameters<typeof stored>[0][]): Routes => routeTable.fold(events.map((event, i) => stored(event, i + 1)));

  it('keeps its place and whom it is about, and has the position of the edit as its version', () => {
    const [first, second] = fold(...table, newEvent(RouteEdited, { ...RouteEdited.example, rule_id: 'a' }));
    const { direction, peer_id, agent, action } = RouteAdded.example;
    expect(first).toEqual({
      ...said,
      rule_id: 'a',
      direction,
      peer_id,
      agent,
      action,
      version: 3,
      added_at: NOW,
      added_by: 'test',
      held: false,
    });
    expect(second).toMatchObject({ rule_id: 'b', version: 2 });
  });

  it('has the same version after a move', () => {
    const moved = newEvent(RouteMoved, { route_table: 'main', rule_id: 'a', before: null });
    expect(fold(...table, moved)[1]).toMatchObject({ rule_id: 'a', version: 1 });
  });

  it('stays held', () => {
    const held = newEvent(RouteHeld, { route_table: 'main', rule_id: 'a' });
    expect(fold(...table, held, newEvent(RouteEdited, { ...RouteEdited.example, rule_id: 'a' }))[0]).toMatchObject({ held: true });
  });
});

it('covers all classes as version 1 wrote it without one, and has neither a credential nor limits', () => {
  const { classes: _, credential: __, limits: ___, ...rest } = RouteAdded.example;
  const read = (method_class: string | null) => readEvent(RouteAdded, 1, { ...rest, method_class });
  expect(read(null)).toEqual({ ...rest, classes: null, credential: null, limits: null });
  expect(read('send')).toMatchObject({ classes: ['send'] });
});

describe('a rule that is held', () => {
  const about = { route_table: 'main' as const, rule_id: 'a' };

  it('denies what it matches, and keeps its place', () => {
    const rules = [{ ...ANY, rule_id: 'a', held: true }, { ...ANY, rule_id: 'b' }]; // prettier-ignore
    expect(decideRoute(rules, call)).toMatchObject({ action: 'deny', rule_id: 'a' });
  });

  it('decides again when it is released', () => {
    const rules = withHeld(true)([{ ...ANY, rule_id: 'a' }], stored(newEvent(RouteHeld, about), 2));
    expect(decideRoute(rules, call)).toMatchObject({ action: 'deny' });
    expect(decideRoute(withHeld(false)(rules, stored(newEvent(RouteReleased, about), 3)), call)).toMatchObject({ action: 'allow' });
  });
});
