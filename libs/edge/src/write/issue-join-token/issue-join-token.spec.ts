import { decider } from '@app/kernel/testing';
import { issued, redeemed } from '../../../testing/index.js';
import { issueJoinToken } from './issue-join-token.decide.js';

const { given } = decider(issueJoinToken);

describe('issue-join-token', () => {
  it('issues what was asked for', () => given().when(issued.data).then(issued));
  it('does not issue a token twice: nobody could be shown it', () => given(issued).when(issued.data).refused('edge.token-exists'));
  it('does not bring a used token back', () => given(issued, redeemed).when(issued.data).refused('edge.token-exists'));
});
