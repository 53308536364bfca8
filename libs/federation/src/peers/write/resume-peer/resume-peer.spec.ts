import fc from 'fast-check';
import { decider } from '@app/kernel/testing';
import { about, labelled, registered, removed, resumed, suspended, verified } from '../../../../testing/index.js';
import { resumePeer } from './resume-peer.decide.js';

const { given } = decider(resumePeer);

describe('resume-peer', () => {
  it('ends a suspension', () => given(registered, suspended).when(about).then(resumed));
  it('ends it before its time', () => given(registered, verified, suspended).when(about).then(resumed));
  it('may be asked twice', () => given(registered, suspended, resumed).when(about).then());
  it('has nothing to do for a peer that is not suspended', () => given(registered, verified).when(about).then());
  it('refuses a peer nobody registered', () => given().when(about).refused('federation.peer-unknown'));
  it('refuses a peer that was removed', () => given(registered, suspended, removed).when(about).refused('federation.peer-unknown'));

  it('always ends what a suspension began', () => {
    const history = fc.array(fc.constantFrom(labelled, verified, suspended, resumed), { maxLength: 20 });
    fc.assert(
      fc.property(history, (facts) =>
        given(registered, ...facts, suspended)
          .when(about)
          .then(resumed),
      ),
    );
  });
});
