import fc from 'fast-check';
import { newEvent } from '@app/kernel';
import { later, decider } from '@app/kernel/testing';
import { PeerSuspended } from '../../events/index.js';
import { about, labelled, registered, removed, resumed, suspended, verified } from '../../../../testing/index.js';
import { suspendPeer } from './suspend-peer.decide.js';

const ask = { ...about, note: 'key rotation', until: later(60) };
const { given } = decider(suspendPeer);

describe('suspend-peer', () => {
  it('stops traffic with an active peer', () => given(registered, verified).when(ask).then(suspended));
  it('stops a pending peer before any traffic', () => given(registered).when(ask).then(suspended));
  it('may be asked twice', () => given(registered, suspended).when(ask).then());
  it('may be asked twice, even when the end has come since', () =>
    given(registered, suspended)
      .when(ask, { at: later(61) })
      .then());
  it('works again after a resumption', () => given(registered, suspended, resumed).when(ask).then(suspended));
  it('moves the end of a suspension', () => {
    const longer = { ...ask, until: later(120) };
    given(registered, suspended).when(longer).then(newEvent(PeerSuspended, longer));
  });
  it('makes a suspension open-ended', () => {
    const openEnded = { ...ask, until: null };
    given(registered, suspended).when(openEnded).then(newEvent(PeerSuspended, openEnded));
  });
  it('refuses a peer nobody registered', () => given().when(ask).refused('federation.peer-unknown'));
  it('refuses a peer that was removed', () => given(registered, removed).when(ask).refused('federation.peer-unknown'));
  it.each([
    ['of a peer', [registered]],
    ['of a suspended one', [registered, suspended]],
  ])('refuses an end that is not ahead, %s', (_name, facts) =>
    given(...facts)
      .when({ ...ask, until: later(0) })
      .refused('federation.until-not-ahead'),
  );

  it('never suspends a suspended peer to the same end, whatever came before', () => {
    const history = fc.array(fc.constantFrom(registered, labelled, verified, suspended, resumed), { maxLength: 20 });
    fc.assert(
      fc.property(history, (facts) =>
        given(registered, ...facts, suspended)
          .when(ask)
          .then(),
      ),
    );
  });
});
