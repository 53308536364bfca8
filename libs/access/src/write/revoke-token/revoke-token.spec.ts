import { asId, newEvent } from '@app/kernel';
import { NOW, later, decider } from '@app/kernel/testing';
import { TokenIssued, type TokenId, TokenRevoked } from '../../events/index.js';
import { revokeToken } from './revoke-token.decide.js';

const about = { token_id: asId<TokenId>('t-1') };
const issued = newEvent(TokenIssued, { ...TokenIssued.example, ...about, expires_at: NOW });
const revoked = newEvent(TokenRevoked, about);

const { given } = decider(revokeToken);

describe('revoke-token', () => {
  it('revokes an issued token', () => given(issued).when(about).then(revoked));
  it('revokes one that has expired', () =>
    given(issued)
      .when(about, { at: later(1) })
      .then(revoked));
  it('may be asked twice', () => given(issued, revoked).when(about).then());
  it('refuses a token nobody issued', () => given().when(about).refused('access.token-unknown'));
});
