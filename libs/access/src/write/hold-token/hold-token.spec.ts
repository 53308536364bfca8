import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { TokenHeld, TokenIssued, TokenReleased, TokenRevoked } from '../../events/index.js';
import { holdToken } from './hold-token.decide.js';

const about = { token_id: TokenIssued.example.token_id };
const [issued, revoked] = [newEvent(TokenIssued, TokenIssued.example), newEvent(TokenRevoked, about)];
const [held, released] = [newEvent(TokenHeld, about), newEvent(TokenReleased, about)];
const { given } = decider(holdToken);

describe('hold-token', () => {
  it('holds what has rights', () => given(issued).when(about).then(held));
  it('writes nothing of what is held already', () => given(issued, held).when(about).then());
  it('holds again what was released', () => given(issued, held, released).when(about).then(held));
  it('writes nothing of what has no rights', () => given(issued, revoked).when(about).then());
  it('writes nothing of what never was', () => given().when(about).then());
});
