import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { about, registered, removed, verified } from '../../../../testing/index.js';
import { PeerHeld, PeerReleased } from '../../events/index.js';
import { holdPeer } from './hold-peer.decide.js';

const [held, released] = [newEvent(PeerHeld, about), newEvent(PeerReleased, about)];
const { given } = decider(holdPeer);

describe('hold-peer', () => {
  it('holds what has rights', () => given(registered, verified).when(about).then(held));
  it('writes nothing of what is held already', () => given(registered, verified, held).when(about).then());
  it('holds again what was released', () => given(registered, verified, held, released).when(about).then(held));
  it('writes nothing of what has no rights', () => given(registered, verified, removed).when(about).then());
  it('writes nothing of what never was', () => given().when(about).then());
});
