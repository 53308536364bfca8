import { Matches } from 'class-validator';
import { IsId } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import type { TokenId } from '../../events/index.js';

/** An admin ends a service token for good. */
export class RevokeToken {
  @ApiProperty({ type: String })
  @IsId()
  @Matches(/^(?!cb_)/, { message: 'token_id must be the id of the token, not the token itself' }) // Which no answer may repeat.
  readonly token_id: TokenId;
}
