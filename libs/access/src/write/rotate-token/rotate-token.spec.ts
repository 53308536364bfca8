import { asId, newEvent } from '@app/kernel';
import { later, decider } from '@app/kernel/testing';
import { TokenHeld, TokenIssued, type TokenId, TokenReleased, TokenRevoked, TokenRotated } from '../../events/index.js';
import { type TokenToRotate, rotateToken } from './rotate-token.decide.js';

const [old_id, next_id, other_id] = ['t-1', 't-2', 't-3'].map((id) => asId<TokenId>(id)) as [TokenId, TokenId, TokenId];
const about = { token_id: old_id };
const issue = (token_id: TokenId) => newEvent(TokenIssued, { ...TokenIssued.example, token_id });
const [old, next] = [issue(old_id), issue(next_id)];
const rotated = (ends_at: TokenToRotate['ends_at']) => newEvent(TokenRotated, { ...about, next_token_id: next_id, ends_at });
const ask: TokenToRotate = { ...about, ends_at: null, next: next.data };

const { given } = decider(rotateToken);

describe('rotate-token', () => {
  it('issues the next token and ends the old one at once', () => given(old).when(ask).then(rotated(null), next));
  it('lets the old one go on for a while when asked to', () =>
    given(old)
      .when({ ...ask, ends_at: later(60) })
      .then(rotated(later(60)), next));
  it('may be asked twice', () => given(old, rotated(null), next).when(ask).then());
  it('rotates one that was held and released', () =>
    given(old, newEvent(TokenHeld, about), newEvent(TokenReleased, about)).when(ask).then(rotated(null), next));
  it('refuses a token nobody issued', () => given().when(ask).refused('access.token-unknown'));
  it.each([
    ['revoked', [old, newEvent(TokenRevoked, about)]],
    ['held', [old, newEvent(TokenHeld, about)]],
    ['rotated', [old, newEvent(TokenRotated, { ...about, next_token_id: other_id, ends_at: null })]],
    ['rotated with an overlap', [old, newEvent(TokenRotated, { ...about, next_token_id: other_id, ends_at: later(60) })]],
  ])('refuses a token that is %s', (_status, facts) =>
    given(...facts)
      .when(ask)
      .refused('access.token-not-in-force'),
  );
  it('does not take a token that was issued otherwise for the next one', () => given(old, next).when(ask).refused('access.token-exists'));
  it('does not bring a revoked token back', () => given(old, newEvent(TokenRevoked, about), next).when(ask).refused('access.token-exists'));
});
