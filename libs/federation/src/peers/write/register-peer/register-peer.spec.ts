import { type NewEvent, asId, newEvent } from '@app/kernel';
import { NOW, decider, stored } from '@app/kernel/testing';
import { type PeerId, PeerRegistered, RemotePeerReserved } from '../../events/index.js';
import { registered, released, remote, removed, reserved } from '../../../../testing/index.js';
import { registerPeer } from './register-peer.decide.js';

const { given } = decider(registerPeer);
const ask = { ...registered.data, instance_id: 'inst-home' };
const other = { ...ask, peer_id: asId<PeerId>('peer-porto'), secret_id: 'secret-porto' };

describe('register-peer', () => {
  it('registers a peer and reserves its instance id, together', () => given().when(ask).then(registered, reserved));
  it('may be asked twice', () =>
    given(registered, reserved)
      .when({ ...ask, secret_id: 'another-row' })
      .then());
  it('may be asked again when the peer is gone since: it was carried out', () =>
    given(registered, reserved, removed, released).when(ask).then());
  it('registers the instance anew, as another peer, when the first is gone', () =>
    given(registered, reserved, removed, released)
      .when(other)
      .then(
        newEvent(PeerRegistered, { ...registered.data, peer_id: other.peer_id, secret_id: other.secret_id }),
        newEvent(RemotePeerReserved, { ...remote, peer_id: other.peer_id }),
      ));
  it('refuses an instance that is registered', () => given(registered, reserved).when(other).refused('federation.peer-exists'));
  it('names the peer it is registered as', () =>
    expect(decide([registered, reserved], other)).toMatchObject({ facts: { remote_peer_id: 'inst-7f3q', peer_id: 'peer-lisbon' } }));
  it('refuses this instance itself', () =>
    given()
      .when({ ...ask, instance_id: 'inst-7f3q' })
      .refused('federation.peer-is-self'));
});

const decide = (log: readonly NewEvent[], data: typeof ask) => {
  const { subjects, fold } = registerPeer.on(data);
  const aggregates = subjects.map((subject) => log.filter((fact) => fact.subject === subject).map((fact, i) => stored(fact, i + 1)));
  return registerPeer.decide(fold(aggregates), { data, at: NOW, actor: 'test' });
};
