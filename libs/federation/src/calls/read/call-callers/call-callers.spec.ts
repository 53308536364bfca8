import { asId, newEvent } from '@app/kernel';
import { rowsOf } from '@app/kernel/testing';
import { TokenIssued, type TokenId } from '../../../../../access/src/events/index.js';
import { callCallers } from './call-callers.projection.js';

it('knows each token by its name', () => {
  const issued = (token_id: string, name: string) =>
    newEvent(TokenIssued, { ...TokenIssued.example, token_id: asId<TokenId>(token_id), name });
  expect(rowsOf(callCallers, issued('t-1', 'travel'), issued('t-2', 'travel'))).toEqual({
    't-1': { token_id: 't-1', name: 'travel' },
    't-2': { token_id: 't-2', name: 'travel' },
  });
});
