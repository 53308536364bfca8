import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { about, registered, removed, verified } from '../../../../testing/index.js';
import { PeerHeld, PeerReleased } from '../../events/index.js';
import { releasePeer } from './release-peer.decide.js';

const [held, released] = [newEvent(PeerHeld, about), newEvent(PeerReleased, about)];
const { given } = decider(releasePeer);

describe('release-peer', () => {
  it('gives back what was held', () => given(registered, verified, held).when(about).then(released));
  it('may be asked twice', () => given(registered, verified, held, released).when(about).then());
  it('writes nothing of what was not held', () => given(registered, verified).when(about).then());
  it('gives nothing back to what was ended while it was held', () =>
    given(registered, verified, held, removed).when(about).refused('federation.peer-unknown'));
  it('refuses what never was', () => given().when(about).refused('federation.peer-unknown'));
});
