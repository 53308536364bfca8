import fc from 'fast-check';
import { decider } from '@app/kernel/testing';
import { about, labelled, registered, removed, resumed, statusChanged, suspended, verified } from '../../../../testing/index.js';
import { verifyPeer } from './verify-peer.decide.js';

const { given } = decider(verifyPeer);
const challenged = { ...about, secret_id: registered.data.secret_id };

describe('verify-peer', () => {
  it('makes a pending peer active', () => given(registered).when(challenged).then(verified));
  it('also while it is suspended', () => given(registered, suspended).when(challenged).then(verified));
  it('says it once', () => given(registered, verified).when(challenged).then());
  it('says it once, whatever came in between', () => given(registered, verified, suspended).when(challenged).then());
  it.each([
    ['nobody registered', []],
    ['that was removed', [registered, removed]],
  ])('has nothing to say of a peer %s', (_name, facts) =>
    given(...facts)
      .when(challenged)
      .then(),
  );
  it('takes no proof by another secret', () =>
    given(registered)
      .when({ ...about, secret_id: 'another' })
      .then());

  it('verifies each peer at most once, however often both sides challenge each other', () => {
    const anything = fc.constantFrom(labelled, suspended, resumed, statusChanged('pending', 'auth_failed'));
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (facts) => {
        given(registered, ...facts)
          .when(challenged)
          .then(verified);
        given(registered, verified, ...facts)
          .when(challenged)
          .then();
      }),
    );
  });
});
