import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { RouteAdded, RouteMoved } from '../../events/index.js';
import { moveRoute } from './move-route.decide.js';

const added = (rule_id: string) => newEvent(RouteAdded, { ...RouteAdded.example, rule_id, before: null });
const moved = (rule_id: string, before: string | null) => newEvent(RouteMoved, { route_table: 'main', rule_id, before });
const { given } = decider(moveRoute);
const table = [added('a'), added('b'), added('c')];

describe('move-route', () => {
  it('moves a rule before another, and to the end', () => {
    given(...table)
      .when({ rule_id: 'c', before: 'a' })
      .then(moved('c', 'a'));
    given(...table)
      .when({ rule_id: 'a', before: null })
      .then(moved('a', null));
  });
  it.each([
    ['a', 'b'],
    ['c', null],
    ['b', 'b'],
  ])('leaves %s, which stands before %s already', (rule_id, before) => given(...table).when({ rule_id, before }).then()); // prettier-ignore
  it('refuses a rule, and a place, that is not there', () => {
    given(...table)
      .when({ rule_id: 'd', before: null })
      .refused('federation.rule-unknown');
    given(...table)
      .when({ rule_id: 'a', before: 'd' })
      .refused('federation.before-unknown');
  });
});
