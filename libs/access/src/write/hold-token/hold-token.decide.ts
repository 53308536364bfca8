import { type Decider, newEvent } from '@app/kernel';
import { type Token, token } from '../../token.stream.js';
import { TokenHeld, type TokenId } from '../../events/index.js';

/** Which one the lost end of the log says something else of. */
export interface HoldToken {
  readonly token_id: TokenId;
}

/** What has no rights, or is held already, is left as it is. */
export const holdToken: Decider<Token, HoldToken, typeof TokenHeld> = {
  on: ({ token_id }) => token.of(token_id),
  passesUnreadable: true,
  decide: ({ status }, { data: { token_id } }) => (status === 'issued' ? [newEvent(TokenHeld, { token_id })] : []),
};
