import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { RouteAdded, RouteHeld, RouteReleased, RouteRemoved } from '../../events/index.js';
import { holdRoute } from './hold-route.decide.js';

const about = { route_table: 'main' as const, rule_id: 'rule-1' };
const ask = { rule_id: 'rule-1' };
const added = newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null });
const [held, released, removed] = [newEvent(RouteHeld, about), newEvent(RouteReleased, about), newEvent(RouteRemoved, about)];
const { given } = decider(holdRoute);

describe('hold-route', () => {
  it('holds a rule', () => given(added).when(ask).then(held));
  it('writes nothing of one that is held already', () => given(added, held).when(ask).then());
  it('holds again one that was released', () => given(added, held, released).when(ask).then(held));
  it('writes nothing of one that was removed', () => given(added, removed).when(ask).then());
});
