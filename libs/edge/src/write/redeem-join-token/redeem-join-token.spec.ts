import { asId, newEvent } from '@app/kernel';
import { later, decider } from '@app/kernel/testing';
import { about, enrolled, issued, redeemed, token } from '../../../testing/index.js';
import { AgentEnrolled, type AgentId, JoinTokenIssued } from '../../events/index.js';
import { redeemJoinToken } from './redeem-join-token.decide.js';

const { public_key, key_fingerprint, hostname, version, os } = AgentEnrolled.example;
const ask = { ...token, ...about, public_key, key_fingerprint, hostname, version, os };
const { given } = decider(redeemJoinToken);
const tokenFor = (more: Partial<JoinTokenIssued>) => newEvent(JoinTokenIssued, { ...JoinTokenIssued.example, ...more });
const named = (label: string, ephemeral = false) =>
  newEvent(AgentEnrolled, { ...AgentEnrolled.example, ...about, label, ephemeral, enrolled_by: 'test' });

describe('redeem-join-token', () => {
  it('enrolls an agent as the token says, and uses it up', () => given(issued).when(ask).then(redeemed, named('Berlin, rack 4')));
  it('names it as its host when the token does not', () =>
    given(tokenFor({ label: null, ephemeral: true }))
      .when(ask)
      .then(redeemed, named(hostname, true)));
  it('names it as its id when its host has no name to show', () =>
    given(tokenFor({ label: null, hostname_pattern: null }))
      .when({ ...ask, hostname: '  ' })
      .then(redeemed, newEvent(AgentEnrolled, { ...named(about.agent_id).data, hostname: '  ' })));
  it('may be asked twice by the same agent, even when the token has expired since', () =>
    given(issued, redeemed, enrolled)
      .when(ask, { at: later(60) })
      .then());
  it.each([
    ['nobody issued', [], ask, 0],
    ['that another agent used', [issued, redeemed], { ...ask, agent_id: asId<AgentId>('agent-lisbon') }, 0],
    ['that has expired', [issued], ask, 30],
    ['for other hosts', [tokenFor({ hostname_pattern: 'lisbon-*' })], ask, 0],
  ])('refuses one %s, and always in the same words', (_name, facts, data, minutes) =>
    given(...facts)
      .when(data, { at: later(minutes) })
      .refused('edge.token-invalid'),
  );
});
