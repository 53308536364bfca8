import type { Route } from '../contract.js';
import { COVERS, actionsOf, classesIn, placeOf, ruleWords } from './rules.js';

const rule = (over: Partial<Route>): Route =>
  ({ direction: 'out', peer_id: null, agent: null, classes: null, action: 'allow', target_url: null, ...over }) as Route;

it('tells a rule in one line, and what it leaves open', () => {
  const peers = [{ peer_id: 'peer-1', label: 'Oslo' }];
  expect(ruleWords(rule({}), peers)).toBe('out, any peer, any agent, any method: allow');
  expect(ruleWords(rule({ peer_id: 'peer-1', agent: 'planner', classes: ['read'], action: 'deny' }), peers)).toBe(
    'out, Oslo, planner, read: deny',
  );
  expect(ruleWords(rule({ direction: 'in', peer_id: 'peer-gone', action: 'route', target_url: 'http://127.0.0.1:9/' }), peers)).toBe(
    'in, peer-gone, any agent, any method: route to http://127.0.0.1:9/',
  );
});

it('says which classes a rule covers, and offers the one that a new rule has first', () => {
  expect(ruleWords(rule({ classes: ['read', 'send'] }), [])).toBe('out, any peer, any agent, read and send: allow');
  expect(COVERS.map(({ value }) => classesIn(value))[0]).toEqual(['read', 'send']);
});

it('offers each direction what it can do', () => {
  expect(actionsOf('out').map(({ value }) => value)).toEqual(['allow', 'deny']);
  expect(actionsOf('in').map(({ value }) => value)).toEqual(['route', 'deny']);
});

it('finds the place of a rule, as far as the rules are known', () => {
  const rules = [{ rule_id: 'rule-out', order: 2 }];
  expect(placeOf('rule-out', rules)).toBe(2);
  expect(placeOf('rule-gone', rules)).toBeNull();
  expect(placeOf('rule-out', undefined)).toBeUndefined();
});
