import { asId, newEvent } from '@app/kernel';
import { later, decider } from '@app/kernel/testing';
import { TokenIssued, type TokenId, TokenRevoked } from '../../events/index.js';
import { issueToken } from './issue-token.decide.js';

const about = { token_id: asId<TokenId>('t-1') };
const ask: TokenIssued = { ...TokenIssued.example, ...about, expires_at: later(60) };
const issued = newEvent(TokenIssued, ask);

const { given } = decider(issueToken);

describe('issue-token', () => {
  it('issues what was asked for', () => given().when(ask).then(issued));
  it('does not issue a token twice: nobody could be shown it', () => given(issued).when(ask).refused('access.token-exists'));
  it('does not bring a revoked token back', () => given(issued, newEvent(TokenRevoked, about)).when(ask).refused('access.token-exists'));
});
