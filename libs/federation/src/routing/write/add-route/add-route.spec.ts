import { asId, newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import type { PeerId } from '../../../peers/events/index.js';
import { RouteAdded, RouteRemoved } from '../../events/index.js';
import { MOST_RULES, type RouteToAdd, addRoute } from './add-route.decide.js';

const out: RouteToAdd = {
  rule_id: 'rule-1',
  before: null,
  direction: 'out',
  peer_id: asId<PeerId>('peer-lisbon'),
  agent: 'planner',
  classes: ['read', 'send'],
  action: 'allow',
  target_url: null,
  credential: null,
  limits: null,
  note: '',
};
const into: RouteToAdd = { ...out, direction: 'in', action: 'route', target_url: 'https://agents.example/planner/' };
const added = (data: RouteToAdd) => newEvent(RouteAdded, { route_table: 'main', ...data });
const removed = (rule_id: string) => newEvent(RouteRemoved, { route_table: 'main', rule_id });
const { given } = decider(addRoute);

describe('add-route', () => {
  it('allows calls out', () => given().when(out).then(added(out)));
  it('routes calls in', () => given().when(into).then(added(into)));
  it.each([out, { ...into, target_url: null }])('denies either: $direction', (data) => {
    const deny = { ...data, action: 'deny' } as const;
    given().when(deny).then(added(deny));
  });
  it('comes before another', () => {
    const first = { ...out, rule_id: 'rule-2', before: 'rule-1' };
    given(added(out)).when(first).then(added(first));
  });
  it('may be asked twice', () => given(added(out)).when(out).then());

  it('refuses to let calls in without a target to route them to', () =>
    given()
      .when({ ...into, action: 'allow', target_url: null })
      .refused('federation.rule-mismatch'));
  it('refuses to route calls out', () =>
    given()
      .when({ ...out, action: 'route', target_url: 'https://agents.example/' })
      .refused('federation.rule-mismatch'));
  it('refuses to route to nowhere', () =>
    given()
      .when({ ...into, target_url: null })
      .refused('federation.target-missing'));
  it.each([
    { ...out, target_url: 'https://agents.example/' },
    { ...into, action: 'deny' as const },
  ])('refuses a target that nothing goes to: $direction, $action', (data) => given().when(data).refused('federation.target-unused'));
  it('refuses a credential where nothing is routed', () =>
    given()
      .when({ ...out, credential: RouteAdded.example.credential })
      .refused('federation.credential-unused'));
  it('refuses limits of a rule that denies', () =>
    given()
      .when({ ...out, action: 'deny', limits: RouteAdded.example.limits })
      .refused('federation.limits-unused'));
  it('refuses a place that is not there', () =>
    given(added(out), removed('rule-1'))
      .when({ ...out, rule_id: 'rule-2', before: 'rule-1' })
      .refused('federation.before-unknown'));

  it('refuses one more than the table holds, and takes it when one was removed', () => {
    const all = Array.from({ length: MOST_RULES }, (_, n) => added({ ...out, rule_id: `rule-old-${n}` }));
    given(...all)
      .when(out)
      .refused('federation.routes-full');
    given(...all, removed('rule-old-3'))
      .when(out)
      .then(added(out));
  });
});
