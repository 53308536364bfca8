import fc from 'fast-check';
import { decider } from '@app/kernel/testing';
import { labelled, registered, released, remote, removed, reserved, resumed, suspended, verified } from '../../../../testing/index.js';
import { removePeer } from './remove-peer.decide.js';

const { given } = decider(removePeer);

describe('remove-peer', () => {
  it('removes the peer and frees its instance id, together', () => given(registered, reserved).when(remote).then(removed, released));
  it('may be asked twice', () => given(registered, reserved, removed, released).when(remote).then());
  it('refuses a peer nobody registered', () => given().when(remote).refused('federation.peer-unknown'));

  it('removes a registered peer whatever happened to it', () => {
    const history = fc.array(fc.constantFrom(labelled, verified, suspended, resumed), { maxLength: 20 });
    fc.assert(
      fc.property(history, (facts) =>
        given(registered, reserved, ...facts)
          .when(remote)
          .then(removed, released),
      ),
    );
  });
});
