import { IsId, IsName, projectionOf } from '@app/kernel';
import { TokenHeld, TokenIssued, TokenReleased, TokenRevoked, TokenRotated } from '../../../../../access/src/events/index.js';

/** What a service token is called. */
export class CallCaller {
  @IsId() token_id: string;

  @IsName(100) name: string;
}

/** The names of service tokens, for the records of the calls that they made; also of those that ended. */
export const callCallers = projectionOf(CallCaller)({
  table: 'call_callers',
  version: 1,
  id: 'token_id',
  reads: [TokenIssued],
  ignores: [TokenHeld, TokenReleased, TokenRevoked, TokenRotated], // A name does not change.
  key: (event) => event.data.token_id,
  on: { 'access.token.issued': (_before, { data: { token_id, name } }) => ({ token_id, name }) },
});
