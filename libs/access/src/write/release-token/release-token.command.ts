import { ApiProperty } from '@nestjs/swagger';
import { IsId } from '@app/kernel';
import type { TokenId } from '../../events/index.js';

/** An admin gives back to a service token what it was allowed before it was held. */
export class ReleaseToken {
  @ApiProperty({ type: String }) @IsId() readonly token_id: TokenId;
}
