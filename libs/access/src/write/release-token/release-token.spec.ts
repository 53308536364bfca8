import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { TokenHeld, TokenIssued, TokenReleased, TokenRevoked } from '../../events/index.js';
import { releaseToken } from './release-token.decide.js';

const about = { token_id: TokenIssued.example.token_id };
const [issued, revoked] = [newEvent(TokenIssued, TokenIssued.example), newEvent(TokenRevoked, about)];
const [held, released] = [newEvent(TokenHeld, about), newEvent(TokenReleased, about)];
const { given } = decider(releaseToken);

describe('release-token', () => {
  it('gives back what was held', () => given(issued, held).when(about).then(released));
  it('may be asked twice', () => given(issued, held, released).when(about).then());
  it('writes nothing of what was not held', () => given(issued).when(about).then());
  it('gives nothing back to what was ended while it was held', () =>
    given(issued, held, revoked).when(about).refused('access.token-unknown'));
  it('refuses what never was', () => given().when(about).refused('access.token-unknown'));
});
