import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { RouteAdded, RouteHeld, RouteReleased, RouteRemoved } from '../../events/index.js';
import { releaseRoute } from './release-route.decide.js';

const about = { route_table: 'main' as const, rule_id: 'rule-1' };
const ask = { rule_id: 'rule-1' };
const added = newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null });
const [held, released, removed] = [newEvent(RouteHeld, about), newEvent(RouteReleased, about), newEvent(RouteRemoved, about)];
const { given } = decider(releaseRoute);

describe('release-route', () => {
  it('lets a held rule decide again', () => given(added, held).when(ask).then(released));
  it('may be asked twice', () => given(added, held, released).when(ask).then());
  it('writes nothing of one that was not held', () => given(added).when(ask).then());
  it('refuses one that was removed while it was held', () => given(added, held, removed).when(ask).refused('federation.rule-unknown'));
});
