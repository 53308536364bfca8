import fc from 'fast-check';
import { newEvent } from '@app/kernel';
import { NOW, stored } from '@app/kernel/testing';
import { RouteAdded, RouteHeld, RouteReleased, RouteRemoved } from './events/index.js';
import { type CallToRoute, type RouteRule, type Routes, decideRoute, withHeld } from './routing.js';
import { routeTable } from './route-table.stream.js';

const ANY: RouteRule = {
  rule_id: 'rule-any',
  direction: 'out',
  peer_id: null,
  agent: null,
  method_class: null,
  action: 'allow',
  target_url: null,
  note: '',
  version: 7,
  added_at: NOW,
  added_by: 'test',
  held: false,
};
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
    ['about sending', { method_class: 'send' }, true],
    ['about reading', { method_class: 'read' }, false],
    ['about administering', { method_class: 'admin' }, false],
    ['that names all of it', { peer_id: 'peer-lisbon', agent: 'planner', method_class: 'send' }, true],
    ['that names all but one of it', { peer_id: 'peer-lisbon', agent: 'planner', method_class: 'read' }, false],
  ])('%s: %j matches: %s', (_name, rule, matches) => {
    expect(decideRoute(one(rule), call)).toEqual(
      matches
        ? { action: 'allow', rule_id: 'rule-any', rule_version: 7, target_url: null }
        : { action: 'deny', rule_id: null, rule_version: null, target_url: null },
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
    method_class: orNull('read', 'send', 'admin'),
    action: fc.constantFrom('allow', 'deny', 'route'),
    target_url: orNull('https://agents.example/planner/'),
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
        expect(decideRoute(table, asked)).toEqual(alone[0] ?? { ...NONE, rule_version: null, target_url: null });
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
    ['untouched by the removal of what is not there', [added('a'), removed('gone')], ['a']],
  ])('is %s', (_name, events, expected) => expect(order(...events)).toEqual(expected));

  it('names each rule by the position of the fact that added it', () => {
    const [rule] = routeTable.fold([stored(added('a'), 41)]);
    const { route_table: _, before: __, ...said } = RouteAdded.example;
    expect(rule).toEqual({ ...said, rule_id: 'a', version: 41, added_at: NOW, added_by: 'test', held: false });
  });
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
