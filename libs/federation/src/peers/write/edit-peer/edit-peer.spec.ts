import fc from 'fast-check';
import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { PeerLabelled } from '../../events/index.js';
import { about, labelled, registered, removed, suspended } from '../../../../testing/index.js';
import { editPeer } from './edit-peer.decide.js';

const { given } = decider(editPeer);
const ask = { ...about, label: 'Lisbon, third hall' };

describe('edit-peer', () => {
  it('gives another label', () => given(registered).when(ask).then(labelled));
  it('labels a suspended peer as well', () => given(registered, suspended).when(ask).then(labelled));
  it('may be asked twice', () => given(registered, labelled).when(ask).then());
  it('has nothing to do for the label it was registered with', () =>
    given(registered)
      .when({ ...about, label: registered.data.label })
      .then());
  it('refuses a peer nobody registered', () => given().when(ask).refused('federation.peer-unknown'));
  it('refuses a peer that was removed', () => given(registered, removed).when(ask).refused('federation.peer-unknown'));

  it('writes a label exactly when it is another than the last', () => {
    const labels = fc.constantFrom('Lisbon', 'Lisboa', 'Lissabon');
    fc.assert(
      fc.property(fc.array(labels, { minLength: 1, maxLength: 8 }), labels, (past, label) => {
        const facts = past.map((old) => newEvent(PeerLabelled, { ...about, label: old }));
        const expected = past.at(-1) === label ? [] : [newEvent(PeerLabelled, { ...about, label })];
        given(registered, ...facts)
          .when({ ...about, label })
          .then(...expected);
      }),
    );
  });
});
