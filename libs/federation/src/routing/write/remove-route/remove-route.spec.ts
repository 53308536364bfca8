import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { RouteAdded, RouteRemoved } from '../../events/index.js';
import { removeRoute } from './remove-route.decide.js';

const added = newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null });
const removed = newEvent(RouteRemoved, { route_table: 'main', rule_id: 'rule-1' });
const { given } = decider(removeRoute);

describe('remove-route', () => {
  it('removes a rule', () => given(added).when({ rule_id: 'rule-1' }).then(removed));
  it('refuses one that is not there', () => given(added).when({ rule_id: 'rule-2' }).refused('federation.rule-unknown'));
  it('refuses one that was removed', () => given(added, removed).when({ rule_id: 'rule-1' }).refused('federation.rule-unknown'));
});
