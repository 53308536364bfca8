import fc from 'fast-check';
import { decider } from '@app/kernel/testing';
import { changed, enrolled, revoked } from '../../../testing/index.js';
import { AGENT_STATUSES } from '../../events/agent-status.js';
import { changeAgentStatus } from './change-agent-status.decide.js';

const { given } = decider(changeAgentStatus);
const change = (...args: Parameters<typeof changed>) => changed(...args).data;

describe('change-agent-status', () => {
  it('makes the first status a fact', () =>
    given(enrolled)
      .when(change('enrolled', 'connected', null))
      .then(changed('enrolled', 'connected', null)));
  it('makes another reason a fact', () =>
    given(enrolled, changed('enrolled', 'degraded', 'slow'))
      .when(change('degraded', 'degraded', 'clock_skew'))
      .then(changed('degraded', 'degraded', 'clock_skew')));
  it('says nothing twice', () =>
    given(enrolled, changed('enrolled', 'connected', null))
      .when(change('enrolled', 'connected', null))
      .then());
  it('gives way to another verdict', () =>
    given(enrolled, changed('enrolled', 'connected', null))
      .when(change('reconnecting', 'disconnected'))
      .refused('edge.status-overtaken'));
  it('refuses whom nobody enrolled, and who is revoked', () => {
    given()
      .when(change('enrolled', 'connected', null))
      .refused('edge.agent-unknown');
    given(enrolled, revoked)
      .when(change('enrolled', 'connected', null))
      .refused('edge.agent-revoked');
  });

  it('keeps the chain: each fact starts where the one before ended, whoever asks for what', () => {
    const status = fc.constantFrom(...AGENT_STATUSES);
    fc.assert(
      fc.property(fc.array(fc.tuple(status, status), { maxLength: 12 }), (asks) => {
        const facts: ReturnType<typeof changed>[] = [];
        for (const [from, to] of asks) {
          const last = facts.at(-1)?.data.to ?? 'enrolled';
          const said = given(enrolled, ...facts).when(change(from, to));
          if (last === to && facts.length > 0) said.then();
          else if (last !== from) said.refused('edge.status-overtaken');
          else {
            said.then(changed(from, to));
            facts.push(changed(from, to));
          }
        }
      }),
    );
  });
});
