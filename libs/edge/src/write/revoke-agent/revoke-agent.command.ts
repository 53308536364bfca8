import { ApiProperty } from '@nestjs/swagger';
import { IsId, IsText } from '@app/kernel';
import type { AgentId } from '../../events/index.js';

/** An admin takes the right to connect from one agent. */
export class RevokeAgent {
  @ApiProperty({ type: String }) @IsId() readonly agent_id: AgentId;

  /** May be empty. */
  @ApiProperty({
    maxLength: 500,
    description: "Why, in the admin's own words. Tabs and line breaks are taken, other control characters are not",
  })
  @IsText(500, { lines: true })
  readonly note: string;
}
